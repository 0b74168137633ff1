using Mesh.Abstractions.Services;

namespace Mesh.Abstractions.Endpoints;

/// <summary>One instance of a service, as the control plane holds it.</summary>
public sealed record Endpoint
{
    /// <summary>Unique in the service and region.</summary>
    public required string Id { get; init; }

    /// <summary>An IP address or a DNS name.</summary>
    public required string Host { get; init; }

    public required int Port { get; init; }

    /// <summary>What the endpoint speaks, where it differs from the service.</summary>
    public ServiceProtocol? Protocol { get; init; }

    public string? Zone { get; init; }

    public required string Region { get; init; }

    /// <summary>Share of requests relative to its peers; 0 (none) to 1,000,000.</summary>
    public int Weight { get; init; } = 1;

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>The SPIFFE ID that its proxy proves by mutual TLS; null when it is called by plaintext.</summary>
    public string? Identity { get; init; }

    public EndpointState State { get; init; }

    /// <summary>An administrator asked it to drain; what its sidecar reports does not undo that.</summary>
    public bool Drained { get; init; }

    public EndpointSource Source { get; init; }

    /// <summary>The service's revision at which this endpoint last changed.</summary>
    public long Revision { get; init; }

    /// <summary>What was said of it when it was registered, but for what its owner decided since.</summary>
    public EndpointSpec ToSpec() => new()
    {
        Host = Host,
        Port = Port,
        Protocol = Protocol,
        Zone = Zone,
        Weight = Weight,
        Labels = Labels,
        Identity = Identity,
        State = State,
    };
}
