namespace Mesh.Proxy.Balancing;

/// <summary>Two choices by requests in flight.</summary>
internal sealed class LeastRequestBalancer(UpstreamEndpoint[] endpoints, Random random) : TwoChoicesBalancer(endpoints, random)
{
    protected override double Cost(UpstreamEndpoint endpoint, long now) => Load(endpoint);
}
