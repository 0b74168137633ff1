namespace Mesh.Proxy.Balancing;

/// <summary>
/// Consistent hashing. A request whose place belongs to an endpoint that is out, or that has not all of its share yet,
/// goes to the next place of its own; everybody else's stays. Requests without a hash are drawn by weight.
/// </summary>
internal sealed class HashBalancer : Balancer
{
    /// <summary>How many places are tried before it is drawn among those that are in.</summary>
    private const int MaxPlaces = 32;

    private readonly HashedEndpoints _places;
    private readonly WeightedDraw _draw;
    private readonly Random _random;
    private readonly PoolPolicy? _policy;

    /// <param name="places">Those that are out included.</param>
    /// <param name="endpoints">Those that are in; not empty.</param>
    /// <param name="policy">Says who is out; null when nobody is.</param>
    public HashBalancer(HashedEndpoints places, UpstreamEndpoint[] endpoints, PoolPolicy? policy, SlowStartRamp? ramp, Random random)
    {
        _places = places;
        _draw = new WeightedDraw(endpoints, ramp);
        _random = random;
        _policy = policy;
    }

    public override UpstreamEndpoint Pick(in PickContext context)
    {
        if (context.Hash is not { } hash)
        {
            return _draw.Draw(_random, context.Now);
        }

        for (var i = 0; i < MaxPlaces; i++)
        {
            var placed = _places.At(hash);
            if (_policy?.IsHealthy(placed.Stats) != false
                && (!_draw.IsRamping(context.Now) || HashMixer.Fraction(hash) < _draw.Factor(placed, context.Now)))
            {
                return placed;
            }

            hash = HashMixer.Next(hash);
        }

        return _draw.At((long)(hash % (ulong)_draw.Total));
    }
}
