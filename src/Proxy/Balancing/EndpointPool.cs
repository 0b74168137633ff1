using System.Collections.Concurrent;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Regions;
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
    /// <summary>How many parts are kept for further requests: peers may ask for any.</summary>
    private const int MostParts = 1000;

    private readonly string _service;
    private readonly PoolPolicy _policy;
    private readonly PoolDrawing _drawing;
    private readonly HashTables? _tables;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger? _logger;
    private readonly ConcurrentDictionary<PoolPart, EndpointPool> _parts = new();
    private readonly bool _hasGateways;
    private volatile Dictionary<ulong, UpstreamEndpoint>? _byIdentity;
    private volatile PoolPicture _picture;

    /// <param name="previous">The pool this one follows; endpoints in both keep their measurements.</param>
    /// <param name="place">Where the proxy is; when null, in the default region.</param>
    /// <param name="logger">Null to be silent.</param>
    /// <param name="regions">What is known of other regions; null for nothing.</param>
    /// <exception cref="ArgumentException">The service's policy cannot be used.</exception>
    public EndpointPool(
        ServiceSpec spec, IReadOnlyList<Endpoint> endpoints, EndpointPool? previous, TimeProvider time, Random random,
        ProxyPlace? place = null, string service = "", ILogger? logger = null, RegionMap? regions = null)
        : this(
            service,
            new PoolPolicy(spec, place ?? new ProxyPlace(), regions ?? RegionMap.Empty, time, random),
            PoolHistory.Follow(
                GatewayMembers.Of(endpoints, regions ?? RegionMap.Empty, place ?? new ProxyPlace(), spec.Protocol), spec.Protocol, spec.Traffic.Tls,
                spec.Mtls == MtlsMode.Strict, previous, time),
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
        _hasGateways = Array.Exists(all, static endpoint => endpoint.IsGateway);
        _drawing = new PoolDrawing(policy, all, _tables, random);
        Outliers = NewDetector(returnsTooMany: true);
        _picture = DrawLocked();
    }

    private EndpointPool(EndpointPool whole, PoolPart part)
    {
        _service = whole._service;
        _policy = whole._policy;
        _tables = whole._tables;
        _time = whole._time;
        _random = whole._random;
        _logger = whole._logger;
        All = Array.FindAll(whole.All, endpoint => part.Has(endpoint, whole._policy.Place));
        Memory = whole.Memory;
        _hasGateways = Array.Exists(All, static endpoint => endpoint.IsGateway);
        _drawing = new PoolDrawing(_policy, All, _tables, _random);
        Outliers = NewDetector(returnsTooMany: false);
        _picture = DrawLocked();
    }

    /// <summary>Those that get no requests included.</summary>
    public UpstreamEndpoint[] All { get; }

    /// <summary>How many get requests while they are healthy.</summary>
    public int Selectable => _drawing.Selectable.Length;

    /// <summary>What it was made from.</summary>
    public RegionMap Regions => _policy.Regions;

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

    /// <summary>A part of the endpoints, as a pool of its own with the same measurements.</summary>
    public EndpointPool Subset(LabelSet? labels, PoolScope scope = PoolScope.All)
    {
        if (labels is null && (scope == PoolScope.All || (scope == PoolScope.Direct && !_hasGateways)))
        {
            return this;
        }

        var part = new PoolPart(labels, scope);
        return _parts.TryGetValue(part, out var known) ? known
            : _parts.Count >= MostParts ? new EndpointPool(this, part)
            : _parts.GetOrAdd(part, static (part, whole) => new EndpointPool(whole, part), this);
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

    /// <returns>How near an endpoint is, or that its region is stale; null when that plays no part.</returns>
    public string? LevelOf(UpstreamEndpoint endpoint) => _policy.LevelNameOf(endpoint.Endpoint);

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

    private OutlierDetector? NewDetector(bool returnsTooMany) => _policy.Outliers is { } policy
        ? new OutlierDetector(
            policy,
            _drawing.Selectable,
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
        var picture = _drawing.Draw(Memory.Gate.Version, Outliers?.NextProbe ?? long.MaxValue);
        if (picture.IsPanic && _logger is not null && Memory.TryBeginPanicLog(_time))
        {
            LogPanic(_logger, _service, picture.Healthy, picture.Total, _policy.Locality.PanicThresholdPercent);
        }

        return picture;
    }

    [LoggerMessage(2501, LogLevel.Warning,
        "{Service}: only {Healthy} of {Total} endpoints are healthy, fewer than {Threshold} %: all selectable ones get requests (locality.panicThresholdPercent)")]
    private static partial void LogPanic(ILogger logger, string service, int healthy, int total, int threshold);
}
