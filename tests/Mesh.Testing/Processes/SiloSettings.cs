namespace Mesh.Testing.Processes;

/// <summary>How to start a silo. Every port is a free one unless set.</summary>
public sealed record SiloSettings
{
    /// <summary>What messages call it.</summary>
    public string Name { get; init; } = "silo";

    public int ApiPort { get; init; } = FreePort.Next();

    public int SiloPort { get; init; } = FreePort.Next();

    public int GatewayPort { get; init; } = FreePort.Next();

    /// <summary>A StackExchange.Redis connection string; the embedded store when null.</summary>
    public string? Redis { get; init; }

    /// <summary>Where the embedded store lives; a temporary directory when null.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Where each start writes its output, as <c>{Name}.{number}.log</c>; only kept in memory when null.</summary>
    public string? LogDirectory { get; init; }

    /// <summary>Further environment variables.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    public string? Region { get; init; }

    public string? Zone { get; init; }

    /// <summary>Further settings, such as <c>Mesh:Peers:west:Redis</c>.</summary>
    public IReadOnlyDictionary<string, string> More { get; init; } = new Dictionary<string, string>();

    internal IEnumerable<string> Arguments(string dataDirectory)
    {
        (string Key, string? Value)[] settings =
        [
            ("Api:Url", $"http://127.0.0.1:{ApiPort}"),
            ("Silo:Port", $"{SiloPort}"),
            ("Silo:GatewayPort", $"{GatewayPort}"),
            ("DataDirectory", dataDirectory),
            ("Redis", Redis),
            ("Region", Region),
            ("Zone", Zone),
        ];
        return MeshProcess.Arguments(settings, More);
    }
}
