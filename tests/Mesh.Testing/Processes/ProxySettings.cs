namespace Mesh.Testing.Processes;

/// <summary>How to start a proxy. Every port is a free one unless set.</summary>
public sealed record ProxySettings
{
    /// <summary>What messages call it.</summary>
    public string Name { get; init; } = "proxy";

    /// <summary>The management API of a silo, or where one will be.</summary>
    public required Uri ControlPlane { get; init; }

    public int OutboundPort { get; init; } = FreePort.Next();

    public int InboundPort { get; init; } = FreePort.Next();

    public int AdminPort { get; init; } = FreePort.Next();

    /// <summary>Where it keeps its snapshots; a temporary directory when null.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Where each start writes its output, as <c>{Name}.{number}.log</c>; only kept in memory when null.</summary>
    public string? LogDirectory { get; init; }

    /// <summary>Further environment variables.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>The service of the application beside it, as <c>namespace/name</c>; outbound only when null.</summary>
    public string? Service { get; init; }

    public int? AppPort { get; init; }

    /// <summary><c>http</c>, <c>http2</c> or <c>grpc</c>.</summary>
    public string? Protocol { get; init; }

    /// <summary><c>Http</c>, <c>Grpc</c> or <c>Tcp</c>.</summary>
    public string? HealthCheckType { get; init; }

    public string? HealthCheckPath { get; init; }

    public string? Zone { get; init; }

    /// <summary>Services it subscribes to before it reports ready.</summary>
    public IReadOnlyList<string> WarmUp { get; init; } = [];

    /// <summary>Further settings, such as <c>Mesh:App:HealthCheck:Interval</c>.</summary>
    public IReadOnlyDictionary<string, string> More { get; init; } = new Dictionary<string, string>();

    internal IEnumerable<string> Arguments(string dataDirectory)
    {
        (string Key, string? Value)[] settings =
        [
            ("ControlPlane", ControlPlane.ToString()),
            ("Outbound:Url", $"http://127.0.0.1:{OutboundPort}"),
            ("Inbound:Url", $"http://127.0.0.1:{InboundPort}"),
            ("Admin:Url", $"http://127.0.0.1:{AdminPort}"),
            ("DataDirectory", dataDirectory),
            ("App:Service", Service),
            ("App:Port", AppPort is { } port ? $"{port}" : null),
            ("App:Protocol", Protocol),
            ("App:HealthCheck:Type", HealthCheckType),
            ("App:HealthCheck:Path", HealthCheckPath),
            ("Zone", Zone),
            .. WarmUp.Select((service, index) => ($"WarmUp:{index}", service)),
        ];
        return MeshProcess.Arguments(settings, More);
    }
}
