namespace Mesh.Proxy.Balancing;

/// <summary>Endpoints laid side by side, each as wide as its weight.</summary>
internal sealed class WeightedDraw
{
    private readonly UpstreamEndpoint[] _endpoints;
    private readonly long[] _ends;

    public WeightedDraw(UpstreamEndpoint[] endpoints)
    {
        _endpoints = endpoints;
        _ends = new long[endpoints.Length];
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

    public UpstreamEndpoint Draw(Random random) => At(random.NextInt64(Total));
}
