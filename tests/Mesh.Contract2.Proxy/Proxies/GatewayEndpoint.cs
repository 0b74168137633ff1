namespace Mesh.Abstractions.Proxies;

/// <summary>One silo's gateway.</summary>
public sealed record GatewayEndpoint
{
    /// <summary>IP address and port, such as <c>10.0.0.7:30000</c>.</summary>
    public required string Address { get; init; }

    /// <summary>The silo's generation, by which a restarted silo is told from the one before.</summary>
    public required int Generation { get; init; }

    /// <summary>The silo, for people.</summary>
    public required string Silo { get; init; }
}
