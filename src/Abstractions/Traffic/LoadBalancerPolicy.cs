namespace Mesh.Abstractions.Traffic;

public sealed record LoadBalancerPolicy
{
    public LoadBalancerType Type { get; init; }
}
