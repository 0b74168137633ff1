using Mesh.Abstractions.Traffic;

namespace Mesh.Proxy.Balancing;

/// <summary>
/// Chooses among the endpoints that may get requests: at least one, each with a weight above 0. Thread-safe, lock-free.
/// <see cref="HashBalancer"/> is made elsewhere, because it needs to know those that may not as well.
/// </summary>
internal abstract class Balancer
{
    public abstract UpstreamEndpoint Pick(in PickContext context);

    /// <param name="endpoints">Not empty, weights above 0.</param>
    /// <param name="ramp">Null when new endpoints get their full share at once.</param>
    public static Balancer Create(LoadBalancerType type, UpstreamEndpoint[] endpoints, SlowStartRamp? ramp, Random random) => type switch
    {
        LoadBalancerType.LeastRequest => new LeastRequestBalancer(endpoints, ramp, random),
        LoadBalancerType.RoundRobin => new RoundRobinBalancer(endpoints, ramp, random),
        LoadBalancerType.Random => new RandomBalancer(endpoints, ramp, random),
        _ => new PeakEwmaBalancer(endpoints, ramp, random),
    };
}
