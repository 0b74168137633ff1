using System.Collections.Concurrent;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Resilience;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Balancing;

/// <summary>
/// The endpoints of one service at one revision, or a subset of them, and the choice among them. Immutable but for
/// what was measured.
/// </summary>
/// <remarks>
/// Requests read an immutable picture of who gets requests. It is drawn anew, under the service's lock, only when
/// somebody's health changed.
/// </remarks>
internal sealed partial class EndpointPool
{
    private readonly string _service;
    private readonly PoolPolicy _policy;
    private readonly PoolLevel[] _levels;
    private readonly HashTables? _tables;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger? _logger;
    private readonly ConcurrentDictionary<LabelSet, EndpointPool> _subsets = new();
    private volatile Dictionary<ulong, UpstreamEndpoint>? _byIdentity;
    private volatile PoolPicture _picture;

    /// <param name="previous">The pool this one follows; endpoints in both keep their measurements.</param>
    /// <param name="place">Where the proxy is; when null, in the default region.</param>
    /// <param name="logger">Null to be silent.</param>
    /// <exception cref="ArgumentException">The service's policy cannot be used.</exception>
    public EndpointPool(
        ServiceSpec spec, IReadOnlyList<Endpoint> endpoints, EndpointPool? previous, TimeProvider time, Random random,
        ProxyPlace? place = null, string service = "", ILogger? logger = null)
        : this(
            service,
            new PoolPolicy(spec, place ?? new ProxyPlace(), time, random),
            Follow(spec, endpoints, previous, time),
            previous?.Memory ?? new PoolMemory(),
            previous,
            time,
            random,
            logger)
    {
    }

    private EndpointPool(
        string service, PoolPolicy policy, UpstreamEndpoint[] all, PoolMemory memory, EndpointPool? previous, TimeProvider time, Random random, ILogger? logger)
    {
        _service = service;
        _policy = policy;
        _time = time;
        _random = random;
        _logger = logger;
        All = all;
        Memory = memory;
        _tables = policy.IsHashed ? new HashTables(policy.Balancer, previous?._tables) : null;
        (_levels, Selectable) = Arrange();
        Outliers = NewDetector(returnsTooMany: true);
        _picture = DrawLocked();
    }

    /// <summary>A subset.</summary>
    private EndpointPool(EndpointPool whole, LabelSet labels)
    {
        _service = whole._service;
        _policy = whole._policy;
        _tables = whole._tables;
        _time = whole._time;
        _random = whole._random;
        _logger = whole._logger;
        All = Array.FindAll(whole.All, endpoint => labels.IsMetBy(endpoint.Endpoint.Labels));
        Memory = whole.Memory;
        (_levels, Selectable) = Arrange();
        Outliers = NewDetector(returnsTooMany: false);
        _picture = DrawLocked();
    }

    /// <summary>Those that get no requests included.</summary>
    public UpstreamEndpoint[] All { get; }

    /// <summary>How many get requests while they are healthy.</summary>
    public int Selectable { get; }

    /// <summary>Null when the service has no outlier detection.</summary>
    public OutlierDetector? Outliers { get; }

    /// <summary>The service has active health checks.</summary>
    public bool IsChecked => _policy.HealthCheck is not null;

    /// <summary>What requests are hashed by; null when they are not.</summary>
    public RequestHash? Hash => _policy.Hash;

    /// <summary>Null when new endpoints get their full share at once.</summary>
    public SlowStartRamp? Ramp => _policy.Ramp;

    public PoolMemory Memory { get; }

    /// <summary>So few are healthy that all selectable ones get requests.</summary>
    public bool IsPanic => Current().IsPanic;

    /// <summary>The endpoints that have all of the labels, as a pool of their own with the same measurements.</summary>
    /// <param name="labels">Null for all endpoints.</param>
    public EndpointPool Subset(LabelSet? labels)
    {
        if (labels is null)
        {
            return this;
        }

        return _subsets.TryGetValue(labels, out var known)
            ? known
            : _subsets.GetOrAdd(labels, static (labels, whole) => new EndpointPool(whole, labels), this);
    }

    /// <summary>What to pick by for a request.</summary>
    /// <inheritdoc cref="PickContext" path="/param"/>
    public PickContext ContextOf(HttpContext request, long now, ulong? pinned) => new(now, _policy.Hash?.Of(request), pinned);

    /// <summary>Picks an endpoint for a request's first try.</summary>
    /// <param name="isProbe">Whether the request decides on the endpoint's return: what becomes of it must be reported to <see cref="Outliers"/>.</param>
    /// <returns>Null when no endpoint may get requests.</returns>
    public UpstreamEndpoint? Pick(in PickContext context, out bool isProbe)
    {
        isProbe = false;
        if (context.Pinned is { } identity && FindPinned(identity) is { } pinned)
        {
            return pinned;
        }

        var picture = Current();
        if (context.Now >= picture.NextProbe)
        {
            if (Outliers!.StartProbe(context.Now) is { } probed)
            {
                isProbe = true;
                return probed;
            }

            picture = Current();
        }

        Count(picture);
        return picture.Pick(context);
    }

    /// <summary>Picks as for a request that is never sent: nothing is counted, nothing probed.</summary>
    public UpstreamEndpoint? Imagine(in PickContext context) => Current().Pick(context);

    /// <returns>How near an endpoint is; null when that plays no part.</returns>
    public string? LevelOf(UpstreamEndpoint endpoint) => _policy.Locality.Enabled ? ProxyPlace.NameOf(_policy.Place.LevelOf(endpoint.Endpoint)) : null;

    /// <summary>Picks an endpoint that is not among those tried, nor out: from near to far.</summary>
    /// <returns>Null when there is none.</returns>
    public UpstreamEndpoint? PickUntried(in PickContext context, List<EndpointStats> tried)
    {
        var picture = Current();
        Count(picture);
        return picture.PickUntried(context, tried);
    }

    /// <summary>
    /// Picks an endpoint that is not among those tried. When all that are in were tried, one that is ejected: it failed
    /// others some time ago and may be well again, those tried failed this request just now. Else one of those tried.
    /// </summary>
    /// <returns>Null when no endpoint may get requests.</returns>
    public UpstreamEndpoint? PickAgain(in PickContext context, List<EndpointStats> tried)
    {
        var picture = Current();
        Count(picture);
        return picture.PickUntried(context, tried) ?? (tried.Count == 0 ? null : Outliers?.FindEjected(tried)) ?? picture.Pick(context);
    }

    /// <summary>A session may go on where it began while that endpoint drains, but not while it is out.</summary>
    private UpstreamEndpoint? FindPinned(ulong identity)
    {
        var known = _byIdentity ??= Identify();
        return known.TryGetValue(identity, out var endpoint) && endpoint.KeepsSessions && (_policy.IsHealthy(endpoint.Stats) || Current().IsPanic)
            ? endpoint
            : null;
    }

    /// <summary>Takes over what was measured, and notes who joins those that get requests already.</summary>
    private static UpstreamEndpoint[] Follow(ServiceSpec spec, IReadOnlyList<Endpoint> endpoints, EndpointPool? previous, TimeProvider time)
    {
        var known = new Dictionary<EndpointKey, UpstreamEndpoint>();
        foreach (var endpoint in previous?.All ?? [])
        {
            known.TryAdd(endpoint.Key, endpoint);
        }

        // Who comes alone, or together with all others, has nobody to leave the rest of its share to.
        var hasPeers = previous is { Selectable: > 0 };
        var now = time.GetTimestamp();
        var all = new UpstreamEndpoint[endpoints.Count];
        for (var i = 0; i < all.Length; i++)
        {
            var endpoint = endpoints[i];
            var before = known.GetValueOrDefault(new EndpointKey(endpoint.Region, endpoint.Id, endpoint.Host, endpoint.Port));
            all[i] = new UpstreamEndpoint(endpoint, endpoint.Protocol ?? spec.Protocol, before?.Stats ?? new EndpointStats(time));
            if (hasPeers && all[i].IsSelectable && before is not { IsSelectable: true })
            {
                all[i].Stats.Join(now);
            }
        }

        return all;
    }

    private (PoolLevel[] Levels, int Selectable) Arrange()
    {
        var levels = _policy.Locality.Enabled
            ? Enumerable.Range(0, ProxyPlace.Levels)
                .Select(level => new PoolLevel(All.Where(endpoint => _policy.Place.LevelOf(endpoint.Endpoint) == level), _tables))
                .ToArray()
            : [new PoolLevel(All, _tables)];
        return (levels, levels.Sum(static level => level.Selectable.Length));
    }

    private OutlierDetector? NewDetector(bool returnsTooMany) => _policy.Outliers is { } policy
        ? new OutlierDetector(
            policy,
            [.. _levels.SelectMany(static level => level.Selectable)],
            Memory.Gate,
            hasChecks: _policy.HealthCheck is not null,
            returnsTooMany,
            _time,
            _random)
        : null;

    private Dictionary<ulong, UpstreamEndpoint> Identify()
    {
        var known = new Dictionary<ulong, UpstreamEndpoint>(All.Length);
        foreach (var endpoint in All)
        {
            known.TryAdd(endpoint.IdentityHash, endpoint);
        }

        return known;
    }

    private void Count(PoolPicture picture)
    {
        if (picture.IsPanic)
        {
            Memory.CountPanic();
        }
    }

    private PoolPicture Current()
    {
        var picture = _picture;
        return picture.Version == Memory.Gate.Version ? picture : Redraw();
    }

    private PoolPicture Redraw()
    {
        lock (Memory.Gate.Lock)
        {
            // All who found the picture out of date wait here; the first draws it for the others.
            var picture = _picture;
            return picture.Version == Memory.Gate.Version ? picture : _picture = Draw();
        }
    }

    private PoolPicture DrawLocked()
    {
        lock (Memory.Gate.Lock)
        {
            return Draw();
        }
    }

    private PoolPicture Draw()
    {
        var healthy = Array.ConvertAll(_levels, level => Array.FindAll(level.Selectable, endpoint => _policy.IsHealthy(endpoint.Stats)));
        var counts = Array.ConvertAll(healthy, static level => level.Length);
        var totals = Array.ConvertAll(_levels, static level => level.Total);
        var next = Outliers?.NextProbe ?? long.MaxValue;
        if (counts.Sum() < Selectable && counts.Sum() * 100L < (long)_policy.Locality.PanicThresholdPercent * totals.Sum())
        {
            LogPanicIfDue(counts.Sum(), totals.Sum());
            return DrawPanic(next);
        }

        var loads = new double[_levels.Length];
        LocalityLoads.Compute(counts, totals, _policy.Locality.OverprovisioningPercent / 100.0, loads);
        var rotations = new Rotation[_levels.Length];
        for (var i = 0; i < rotations.Length; i++)
        {
            rotations[i] = _policy.Rotate(healthy[i], _levels[i].Places, includesUnhealthy: false);
        }

        return new PoolPicture(rotations, loads, _random) { Version = Memory.Gate.Version, NextProbe = next };
    }

    /// <summary>All selectable endpoints, near and far alike: so few are well that the others have to be tried.</summary>
    private PoolPicture DrawPanic(long nextProbe)
    {
        var everyone = _levels.SelectMany(static level => level.Selectable).ToArray();
        var places = _tables is null ? null : new HashedEndpoints(everyone, _tables);
        return new PoolPicture([_policy.Rotate(everyone, places, includesUnhealthy: true)], [1], _random)
        {
            Version = Memory.Gate.Version,
            NextProbe = nextProbe,
            IsPanic = true,
        };
    }

    private void LogPanicIfDue(int healthy, int total)
    {
        if (_logger is not null && Memory.TryBeginPanicLog(_time))
        {
            LogPanic(_logger, _service, healthy, total, _policy.Locality.PanicThresholdPercent);
        }
    }

    [LoggerMessage(2501, LogLevel.Warning,
        "{Service}: only {Healthy} of {Total} endpoints are healthy, fewer than {Threshold} %: all selectable ones get requests (locality.panicThresholdPercent)")]
    private static partial void LogPanic(ILogger logger, string service, int healthy, int total, int threshold);
}
