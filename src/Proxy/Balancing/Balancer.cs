using Mesh.Abstractions.Traffic;

namespace Mesh.Proxy.Balancing;

/// <summary>Chooses among the endpoints that may get requests: at least one, each with a weight above 0. Thread-safe, lock-free.</summary>
internal abstract class Balancer
{
    /// <param name="now">The current timestamp.</param>
    public abstract UpstreamEndpoint Pick(long now);

    /// <param name="endpoints">Not empty, weights above 0.</param>
    public static Balancer Create(LoadBalancerType type, UpstreamEndpoint[] endpoints, Random random) => type switch
    {
        LoadBalancerType.LeastRequest => new LeastRequestBalancer(endpoints, random),
        LoadBalancerType.RoundRobin => new RoundRobinBalancer(endpoints, random),
        LoadBalancerType.Random => new RandomBalancer(endpoints, random),
        _ => new PeakEwmaBalancer(endpoints, random),
    };
}
