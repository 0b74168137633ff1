namespace Mesh.Proxy.Balancing;

/// <summary>Endpoints laid side by side, each as wide as its weight.</summary>
internal sealed class WeightedDraw
{
    /// <summary>How often an endpoint in its slow start may be passed over in one draw before the next is taken as it is.</summary>
    private const int MaxRedraws = 32;

    private readonly UpstreamEndpoint[] _endpoints;
    private readonly long[] _ends;
    private readonly SlowStartRamp? _ramp;
    private readonly long _rampsEnd;

    /// <param name="ramp">Null when new endpoints have their full share at once.</param>
    public WeightedDraw(UpstreamEndpoint[] endpoints, SlowStartRamp? ramp = null)
    {
        _endpoints = endpoints;
        _ends = new long[endpoints.Length];
        _ramp = ramp;
        _rampsEnd = ramp?.EndOf(endpoints) ?? long.MinValue;
        var total = 0L;
        for (var i = 0; i < endpoints.Length; i++)
        {
            var weight = endpoints[i].Endpoint.Weight;
            _ends[i] = total += weight;
            IsUniform = i == 0 || (IsUniform && weight == endpoints[0].Endpoint.Weight);
        }

        Total = total;
    }

    /// <summary>The sum of the weights.</summary>
    public long Total { get; }

    /// <summary>All weights are the same.</summary>
    public bool IsUniform { get; }

    /// <summary>The endpoint at a position from 0 to <see cref="Total"/>, exclusive.</summary>
    public UpstreamEndpoint At(long position)
    {
        if (IsUniform)
        {
            return _endpoints[position / _endpoints[0].Endpoint.Weight];
        }

        // The ends are ascending and unlike; an exact hit is the start of the next endpoint.
        var index = Array.BinarySearch(_ends, position);
        return _endpoints[index >= 0 ? index + 1 : ~index];
    }

    /// <summary>Whether somebody has less than its share at the moment.</summary>
    public bool IsRamping(long now) => now < _rampsEnd;

    /// <summary>The part of its weight that an endpoint has at the moment.</summary>
    public double Factor(UpstreamEndpoint endpoint, long now) => IsRamping(now) ? _ramp!.Factor(endpoint.Stats, now) : 1;

    /// <summary>
    /// One by weight, and by how far its slow start is: who has only a part of its share is passed over that often
    /// (rejection sampling), so that nothing has to be rebuilt while shares grow.
    /// </summary>
    public UpstreamEndpoint Draw(Random random, long now)
    {
        var drawn = At(random.NextInt64(Total));
        if (IsRamping(now))
        {
            for (var i = 0; i < MaxRedraws && random.NextDouble() >= _ramp!.Factor(drawn.Stats, now); i++)
            {
                drawn = At(random.NextInt64(Total));
            }
        }

        return drawn;
    }
}
