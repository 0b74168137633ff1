namespace Mesh.Proxy.Balancing;

/// <summary>Which endpoints of a pool get requests, as long as nobody's health changes. Immutable.</summary>
internal sealed class PoolPicture
{
    private readonly Rotation[] _levels;
    private readonly double[] _ends;
    private readonly Rotation? _only;
    private readonly Random _random;

    /// <param name="levels">Nearest first.</param>
    /// <param name="loads">The share of requests of each level; all 0 when nobody may get any.</param>
    public PoolPicture(Rotation[] levels, ReadOnlySpan<double> loads, Random random)
    {
        _levels = levels;
        _random = random;
        _ends = new double[levels.Length];
        var sum = 0.0;
        for (var i = 0; i < levels.Length; i++)
        {
            _ends[i] = sum += loads[i];
            _only = loads[i] >= 1 ? levels[i] : _only;
        }
    }

    /// <summary>The version of the endpoints' health it was drawn from.</summary>
    public required long Version { get; init; }

    /// <summary>The timestamp from which a request may probe an ejected endpoint; <see cref="long.MaxValue"/> when none is ejected.</summary>
    public required long NextProbe { get; init; }

    /// <summary>So few are healthy that all get requests.</summary>
    public bool IsPanic { get; init; }

    /// <summary>How many of <see cref="Total"/> are healthy, of those it was drawn for.</summary>
    public int Healthy { get; init; }

    public int Total { get; init; }

    /// <returns>Null when there is none.</returns>
    public UpstreamEndpoint? Pick(in PickContext context) => (_only ?? Draw(context)).Pick(context);

    /// <summary>Picks one that was not tried: in the level whose turn it is, then in the others, from near to far.</summary>
    /// <returns>Null when all were tried.</returns>
    public UpstreamEndpoint? PickUntried(in PickContext context, List<EndpointStats> tried)
    {
        if ((_only ?? Draw(context)).PickUntried(context, tried) is { } picked)
        {
            return picked;
        }

        foreach (var level in _levels)
        {
            if (level.PickUntried(context, tried) is { } other)
            {
                return other;
            }
        }

        return null;
    }

    /// <summary>A level by load: for a hashed request always the same, as long as loads do not change.</summary>
    private Rotation Draw(in PickContext context)
    {
        var draw = context.Hash is { } hash ? HashMixer.Fraction(~hash) : _random.NextDouble();
        for (var i = 0; i < _ends.Length; i++)
        {
            if (draw < _ends[i])
            {
                return _levels[i];
            }
        }

        // What rounding leaves over goes to the farthest that gets any.
        for (var i = _levels.Length - 1; i >= 0; i--)
        {
            if (_ends[i] > (i == 0 ? 0 : _ends[i - 1]))
            {
                return _levels[i];
            }
        }

        return Rotation.Empty;
    }
}
