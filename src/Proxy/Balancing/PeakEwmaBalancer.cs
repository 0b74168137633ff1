namespace Mesh.Proxy.Balancing;

/// <summary>Two choices by peak-sensitive latency times load.</summary>
internal sealed class PeakEwmaBalancer(UpstreamEndpoint[] endpoints, Random random) : TwoChoicesBalancer(endpoints, random)
{
    protected override double Cost(UpstreamEndpoint endpoint, long now) =>
        endpoint.Stats.LatencyMilliseconds(now) * Load(endpoint);
}
