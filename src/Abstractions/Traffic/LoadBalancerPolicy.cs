namespace Mesh.Abstractions.Traffic;

/// <summary>How a proxy chooses among the endpoints of a service.</summary>
public sealed record LoadBalancerPolicy
{
    public LoadBalancerType Type { get; init; }

    /// <summary>What <see cref="LoadBalancerType.RingHash"/> and <see cref="LoadBalancerType.Maglev"/> hash; required for those.</summary>
    public RequestKey? Hash { get; init; }

    public SlowStart? SlowStart { get; init; }
}
