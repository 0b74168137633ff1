namespace Mesh.Proxy.Balancing;

/// <summary>Two choices by requests in flight.</summary>
internal sealed class LeastRequestBalancer(UpstreamEndpoint[] endpoints, SlowStartRamp? ramp, Random random)
    : TwoChoicesBalancer(endpoints, ramp, random)
{
    /// <summary>How many more requests an endpoint seems to have that asked to be spared.</summary>
    private const double PenaltyRequests = 100;

    protected override bool IsCheaper(UpstreamEndpoint one, UpstreamEndpoint other, long now) => Cost(one, now) < Cost(other, now);

    private double Cost(UpstreamEndpoint endpoint, long now) =>
        Load(endpoint, now) + (endpoint.Stats.IsPenalized(now) ? PenaltyRequests : 0);
}
