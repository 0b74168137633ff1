namespace Mesh.Proxy.Balancing;

/// <summary>One draw by weight.</summary>
internal sealed class RandomBalancer(UpstreamEndpoint[] endpoints, SlowStartRamp? ramp, Random random) : Balancer
{
    private readonly WeightedDraw _draw = new(endpoints, ramp);

    public override UpstreamEndpoint Pick(in PickContext context) => _draw.Draw(random, context.Now);
}
