namespace Mesh.Proxy.Balancing;

/// <summary>
/// Draws which endpoints of a pool get requests, from their nearness and their health. Those of stale regions, the last
/// level, get requests only while no other is healthy, and are tried again last.
/// </summary>
internal sealed class PoolDrawing
{
    private readonly PoolPolicy _policy;
    private readonly PoolLevel[] _levels;
    private readonly HashTables? _tables;
    private readonly Random _random;

    /// <param name="tables">Null when the service does not hash.</param>
    public PoolDrawing(PoolPolicy policy, UpstreamEndpoint[] endpoints, HashTables? tables, Random random)
    {
        _policy = policy;
        _tables = tables;
        _random = random;
        _levels = [.. Enumerable.Range(0, policy.Levels)
            .Select(level => new PoolLevel(endpoints.Where(endpoint => policy.LevelOf(endpoint.Endpoint) == level), tables))];
        Selectable = [.. _levels.SelectMany(static level => level.Selectable)];
    }

    /// <summary>Those that get requests while they are healthy, nearest first.</summary>
    public UpstreamEndpoint[] Selectable { get; }

    /// <param name="version">Of the endpoints' health.</param>
    /// <param name="nextProbe">When the next ejected endpoint may be probed.</param>
    public PoolPicture Draw(long version, long nextProbe)
    {
        var healthy = Array.ConvertAll(_levels, level => Array.FindAll(level.Selectable, endpoint => _policy.IsHealthy(endpoint.Stats)));
        var last = _levels.Length - 1;
        var fresh = healthy[..last].Sum(static level => level.Length);
        var stale = healthy[last].Length;
        var usesFresh = fresh > 0 || (stale == 0 && _levels[last].Selectable.Length < Selectable.Length);
        var (used, count) = usesFresh ? (_levels[..last], fresh) : (_levels[last..], stale);
        var selectable = used.Sum(static level => level.Selectable.Length);
        var total = used.Sum(static level => level.Total);
        var isPanic = count < selectable && count * 100L < (long)_policy.Locality.PanicThresholdPercent * total;
        var (rotations, loads) = isPanic ? Everyone(usesFresh) : (Rotations(healthy), Loads(healthy, usesFresh));
        return new PoolPicture(rotations, loads, _random)
        {
            Version = version,
            NextProbe = nextProbe,
            IsPanic = isPanic,
            Healthy = count,
            Total = total,
        };
    }

    private Rotation[] Rotations(UpstreamEndpoint[][] healthy)
    {
        var rotations = new Rotation[healthy.Length];
        for (var i = 0; i < rotations.Length; i++)
        {
            rotations[i] = _policy.Rotate(healthy[i], _levels[i].Places, includesUnhealthy: false);
        }

        return rotations;
    }

    private double[] Loads(UpstreamEndpoint[][] healthy, bool usesFresh)
    {
        var loads = new double[_levels.Length];
        var counts = Array.ConvertAll(healthy, static level => level.Length);
        var totals = Array.ConvertAll(_levels, static level => level.Total);
        if (usesFresh)
        {
            LocalityLoads.Compute(counts.AsSpan()[..^1], totals.AsSpan()[..^1], _policy.Locality.OverprovisioningPercent / 100.0, loads.AsSpan()[..^1]);
        }
        else
        {
            loads[^1] = counts[^1] > 0 ? 1 : 0;
        }

        return loads;
    }

    /// <summary>
    /// All selectable endpoints, near and far alike: so few are well that the others have to be tried. Those of stale regions
    /// come after them even so, unless it is their turn.
    /// </summary>
    private (Rotation[] Rotations, double[] Loads) Everyone(bool usesFresh)
    {
        var stale = _levels[^1].Selectable;
        var first = usesFresh ? Selectable[..^stale.Length] : Selectable;
        return usesFresh && stale.Length > 0 ? ([RotateAll(first), RotateAll(stale)], [1, 0]) : ([RotateAll(first)], [1]);
    }

    private Rotation RotateAll(UpstreamEndpoint[] endpoints) =>
        _policy.Rotate(endpoints, _tables is null ? null : new HashedEndpoints(endpoints, _tables), includesUnhealthy: true);
}
