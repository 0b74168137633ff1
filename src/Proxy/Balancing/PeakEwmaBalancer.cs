namespace Mesh.Proxy.Balancing;

/// <summary>Two choices by peak-sensitive latency times load.</summary>
internal sealed class PeakEwmaBalancer(UpstreamEndpoint[] endpoints, SlowStartRamp? ramp, Random random)
    : TwoChoicesBalancer(endpoints, ramp, random)
{
    protected override double Cost(UpstreamEndpoint endpoint, long now) =>
        endpoint.Stats.LatencyMilliseconds(now) * Load(endpoint, now);
}
