namespace Mesh.Abstractions.Proxies;

/// <summary>A proxy as its gateway's push hub knows it.</summary>
[GenerateSerializer, Immutable, Alias("mesh.ProxyView")]
public sealed record ProxyView
{
    [Id(0)] public required ProxyInfo Proxy { get; init; }

    /// <summary>The silo it is connected to.</summary>
    [Id(1)] public required string Gateway { get; init; }

    [Id(2)] public required DateTimeOffset LastSeenAt { get; init; }

    /// <summary>False when its renewals have stopped.</summary>
    [Id(3)] public required bool Connected { get; init; }

    [Id(4)] public required ProxySubscriptionView[] Subscriptions { get; init; }
}
