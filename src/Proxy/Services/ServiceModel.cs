using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Snapshots;
using Mesh.Proxy.Access;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Limits;
using Mesh.Proxy.Resilience;
using Mesh.Proxy.Routing;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Services;

/// <summary>A snapshot, compiled for use on the request path. Immutable.</summary>
internal sealed record ServiceModel
{
    /// <summary>What it was compiled from, for the disk.</summary>
    public required EncodedSnapshot Encoded { get; init; }

    public required DateTimeOffset AppliedAt { get; init; }

    /// <summary>Null when the service was deleted.</summary>
    public required ServiceSpec? Spec { get; init; }

    public required RouteTable Routes { get; init; }

    /// <summary>In the order they were written.</summary>
    public required IReadOnlyList<RuleModel> Rules { get; init; }

    /// <summary>The instances of all regions that can be used, as the control plane knows them.</summary>
    public required IReadOnlyList<Endpoint> Instances { get; init; }

    /// <summary>What requests may be sent to: the instances, or gateways in the place of those of other regions.</summary>
    public required EndpointPool Endpoints { get; init; }

    /// <summary>Has the connections to the endpoints; null for the proxy's standard one.</summary>
    public UpstreamClient? Client { get; init; }

    /// <summary>Bounds the retries of all requests to its endpoints, whichever service's rule sent them there.</summary>
    public required RetryAllowance Retries { get; init; }

    /// <summary>Who may call it.</summary>
    /// <exception cref="UnusableSnapshotException">Its policy cannot be used. Never of the service beside this proxy, whose snapshot is refused then.</exception>
    public AccessModel Access => CompiledAccess.Value;

    /// <summary>Compiled where it is needed: by the proxies of the service, and elsewhere for explanations.</summary>
    public required Lazy<AccessModel> CompiledAccess { get; init; }

    /// <summary>The holder of its namespace's settings.</summary>
    public required ServiceState Namespace { get; init; }

    /// <summary>This proxy's part of the service's rate limit; null when it has none.</summary>
    public required ServiceRateLimiter? RateLimit { get; init; }

    /// <summary>The other services that its rules send requests to, and its namespace's settings.</summary>
    public required IReadOnlyList<ServiceName> References { get; init; }

    public SnapshotVersion Version => Encoded.Version;

    public bool IsDeleted => Spec is null;

    /// <param name="port">The port that was asked for; 0 for none.</param>
    public bool AcceptsPort(int port)
    {
        if (port == 0 || Spec is null || Spec.Ports.Count == 0)
        {
            return true;
        }

        for (var i = 0; i < Spec.Ports.Count; i++)
        {
            if (Spec.Ports[i] == port)
            {
                return true;
            }
        }

        return false;
    }
}
