using Mesh.Abstractions.Naming;

namespace Mesh.Abstractions.Proxies;

[GenerateSerializer, Immutable, Alias("mesh.ProxySubscriptionView")]
public sealed record ProxySubscriptionView
{
    [Id(0)] public required ServiceName Service { get; init; }

    /// <summary>The revision the control plane has; 0 when the service does not exist.</summary>
    [Id(1)] public required long CurrentRevision { get; init; }

    /// <summary>The revision the proxy uses; 0 when none.</summary>
    [Id(2)] public required long AppliedRevision { get; init; }

    [Id(3)] public RejectedSnapshot? Rejected { get; init; }
}
