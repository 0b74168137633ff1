using Mesh.Abstractions.Services;

namespace Mesh.Abstractions.Endpoints;

/// <summary>What an administrator or a sidecar says of an endpoint: the body of a <c>PUT</c>.</summary>
public sealed record EndpointSpec
{
    /// <summary>An IP address or a DNS name.</summary>
    public required string Host { get; init; }

    /// <summary>1 to 65535.</summary>
    public required int Port { get; init; }

    public ServiceProtocol? Protocol { get; init; }

    /// <summary>A DNS-1123 label.</summary>
    public string? Zone { get; init; }

    /// <summary>0 to 1,000,000.</summary>
    public int Weight { get; init; } = 1;

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>The SPIFFE ID that its proxy proves by mutual TLS. A sidecar's is of its own service.</summary>
    public string? Identity { get; init; }

    public EndpointState State { get; init; }
}
