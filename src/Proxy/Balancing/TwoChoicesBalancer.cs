namespace Mesh.Proxy.Balancing;

/// <summary>
/// Power of two choices: draws two endpoints by weight and takes the one that costs less. Nearly as good as asking
/// all of them, at constant cost, and without herding to the one that looks best at the moment.
/// </summary>
internal abstract class TwoChoicesBalancer : Balancer
{
    private readonly UpstreamEndpoint[] _endpoints;
    private readonly WeightedDraw _draw;
    private readonly double _meanWeight;
    private readonly Random _random;

    protected TwoChoicesBalancer(UpstreamEndpoint[] endpoints, SlowStartRamp? ramp, Random random)
    {
        _endpoints = endpoints;
        _draw = new WeightedDraw(endpoints, ramp);
        _meanWeight = (double)_draw.Total / endpoints.Length;
        _random = random;
    }

    public sealed override UpstreamEndpoint Pick(in PickContext context)
    {
        if (_endpoints.Length == 1)
        {
            return _endpoints[0];
        }

        UpstreamEndpoint first;
        UpstreamEndpoint second;
        if (_draw.IsUniform && !_draw.IsRamping(context.Now))
        {
            // Two unlike ones: the second draw is among the others.
            var one = _random.Next(_endpoints.Length);
            var other = _random.Next(_endpoints.Length - 1);
            first = _endpoints[one];
            second = _endpoints[other < one ? other : other + 1];
        }
        else
        {
            // With two unlike ones out of two, weights would mean nothing; so the same one may be drawn twice.
            first = _draw.Draw(_random, context.Now);
            second = _draw.Draw(_random, context.Now);
            if (ReferenceEquals(first, second))
            {
                return first;
            }
        }

        return IsCheaper(second, first, context.Now) ? second : first;
    }

    /// <summary>Whether one costs less than the other, which was drawn first.</summary>
    protected abstract bool IsCheaper(UpstreamEndpoint one, UpstreamEndpoint other, long now);

    /// <summary>
    /// Requests in flight, this one included, as if the endpoint had the mean weight: one with twice the weight may
    /// have twice as many at the same cost.
    /// </summary>
    protected double Load(UpstreamEndpoint endpoint, long now) =>
        (endpoint.Stats.InFlight * _meanWeight / (endpoint.Endpoint.Weight * _draw.Factor(endpoint, now))) + 1;
}
