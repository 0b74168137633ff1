using Mesh.Abstractions.Connections;

namespace Mesh.Abstractions.Proxies;

/// <summary>The answer of <c>GET /v1/gateways</c>: what a proxy needs to connect as an Orleans client.</summary>
public sealed record GatewayList
{
    public required string ClusterId { get; init; }

    public required string ServiceId { get; init; }

    public required string Region { get; init; }

    /// <summary>Whether the gateways are reached by mutual TLS.</summary>
    public TlsMode Tls { get; init; }

    public IReadOnlyList<GatewayEndpoint> Gateways { get; init; } = [];
}
