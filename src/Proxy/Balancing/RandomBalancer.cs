namespace Mesh.Proxy.Balancing;

/// <summary>One draw by weight.</summary>
internal sealed class RandomBalancer(UpstreamEndpoint[] endpoints, Random random) : Balancer
{
    private readonly WeightedDraw _draw = new(endpoints);

    public override UpstreamEndpoint Pick(long now) => _draw.Draw(random);
}
