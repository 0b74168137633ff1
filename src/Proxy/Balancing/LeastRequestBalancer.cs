namespace Mesh.Proxy.Balancing;

/// <summary>Two choices by requests in flight.</summary>
internal sealed class LeastRequestBalancer(UpstreamEndpoint[] endpoints, SlowStartRamp? ramp, Random random)
    : TwoChoicesBalancer(endpoints, ramp, random)
{
    protected override double Cost(UpstreamEndpoint endpoint, long now) => Load(endpoint, now);
}
