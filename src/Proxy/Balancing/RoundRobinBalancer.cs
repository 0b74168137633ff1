namespace Mesh.Proxy.Balancing;

/// <summary>
/// One after the other. With unlike weights it steps through them by the golden ratio, which spreads each
/// endpoint's turns evenly for any weights, without a schedule as long as their sum and without a lock.
/// </summary>
internal sealed class RoundRobinBalancer : Balancer
{
    /// <summary>The golden ratio's fraction, of 2^32.</summary>
    private const uint GoldenStep = 0x9E37_79B9;

    private readonly UpstreamEndpoint[] _endpoints;
    private readonly WeightedDraw _draw;
    private readonly Random _random;
    private uint _turn;

    public RoundRobinBalancer(UpstreamEndpoint[] endpoints, SlowStartRamp? ramp, Random random)
    {
        _endpoints = endpoints;
        _draw = new WeightedDraw(endpoints, ramp);
        _random = random;

        // Not at the first: a service whose snapshots change often would send it the most.
        _turn = (uint)random.Next();
    }

    public override UpstreamEndpoint Pick(in PickContext context)
    {
        var next = TakeTurn();

        // A turn that an endpoint is not ready for goes to any other: were it the next one's, that would get too many.
        return _draw.IsRamping(context.Now) && _random.NextDouble() >= _draw.Factor(next, context.Now)
            ? _draw.Draw(_random, context.Now)
            : next;
    }

    private UpstreamEndpoint TakeTurn()
    {
        var turn = Interlocked.Increment(ref _turn);
        if (_draw.IsUniform)
        {
            return _endpoints[turn % (uint)_endpoints.Length];
        }

        var fraction = (ulong)unchecked(turn * GoldenStep) << 32;
        return _draw.At((long)Math.BigMul(fraction, (ulong)_draw.Total, out _));
    }
}
