using Mesh.Abstractions.Naming;
using Mesh.Abstractions.RateLimits;
using Mesh.Abstractions.Traffic;

namespace Mesh.Proxy.Limits;

/// <summary>
/// This proxy's part of a service's rate limit over all proxies. Requests are measured against the part held; the
/// control plane is asked for the next one ahead of need, and no request waits for it. While it cannot be asked the last
/// part stays in force, and before the first answer the whole limit does. Survives snapshots in which the limit stays
/// the same.
/// </summary>
/// <remarks>
/// So all proxies together exceed the limit by no more than: what a proxy sends before its first answer; what is sent by
/// one that comes back from a rest until it is answered; and one request for each proxy whose part of the burst is less
/// than one. While the control plane is away for all, the parts last given remain, which add up to the limit; a proxy
/// that alone cannot reach it keeps its last part while the others soon share the whole, so what it sends comes on top.
/// </remarks>
internal sealed class ServiceRateLimiter
{
    /// <summary>A quarter of a part's validity, so that two answers may get lost.</summary>
    private static readonly TimeSpan AskPeriod = TimeSpan.FromMilliseconds(250);

    /// <summary>How soon more is asked for when the part does not do, and the last answer was all that was asked for.</summary>
    private static readonly TimeSpan HurryPeriod = TimeSpan.FromMilliseconds(50);

    private readonly TimeProvider _time;
    private readonly Gcra _meter = new();
    private readonly GcraRate _whole;
    private volatile Lease? _lease;
    private long _nextAsk = long.MinValue;
    private long _hurriedAsk = long.MaxValue;
    private long _countedSince;
    private int _count;

    /// <exception cref="ArgumentException">A number is not one the API accepts.</exception>
    public ServiceRateLimiter(ServiceName service, RateLimit policy, TimeProvider time)
    {
        if (policy.Requests < 1 || policy.Per <= TimeSpan.Zero || policy.Burst < 1)
        {
            throw new ArgumentException($"rateLimit: {policy.Requests} requests in {policy.Per} with a burst of {policy.Burst} are not possible");
        }

        Service = service;
        Policy = policy;
        _time = time;
        _countedSince = time.GetTimestamp();
        _whole = RateOf(1);
    }

    public ServiceName Service { get; }

    public RateLimit Policy { get; }

    /// <summary>The part in force; null before the first answer.</summary>
    public double? Part => _lease?.Part;

    /// <param name="now">The current timestamp.</param>
    /// <param name="retryAfter">How long until the request would be allowed; zero when it is.</param>
    public bool TryTake(long now, out TimeSpan retryAfter)
    {
        Interlocked.Increment(ref _count);
        var isAllowed = _meter.TryTake(now, _lease?.Rate ?? _whole, out var wait);
        retryAfter = isAllowed ? TimeSpan.Zero : _time.GetElapsedTime(0, wait);
        if (!isAllowed)
        {
            Hurry();
        }

        return isAllowed;
    }

    /// <summary>Whether it is time to ask for a part; true for one caller, who then does.</summary>
    public bool TryBeginAsking(long now)
    {
        var due = Volatile.Read(ref _nextAsk);
        return now >= due && Interlocked.CompareExchange(ref _nextAsk, now + Units(AskPeriod), due) == due;
    }

    /// <summary>What to ask with.</summary>
    /// <param name="now">The current timestamp, to be handed back with the answer.</param>
    public RateDemand TakeDemand(long now)
    {
        var elapsed = Math.Max((double)(now - _countedSince) / _time.TimestampFrequency, HurryPeriod.TotalSeconds);
        _countedSince = now;
        var perSecond = Interlocked.Exchange(ref _count, 0) / elapsed;
        Volatile.Write(ref _hurriedAsk, now + Units(HurryPeriod));
        return new RateDemand
        {
            Wanted = perSecond / (Policy.Requests / Policy.Per.TotalSeconds),
            Held = _lease is { } lease && now < lease.ForgottenAt ? lease.Part : 0,
        };
    }

    /// <summary>Goes by an answer, unless one to a later question has overtaken it.</summary>
    public void Use(RateShare share, RateDemand asked, long askedAt)
    {
        lock (_meter)
        {
            var before = _lease;
            if (askedAt < before?.AskedAt)
            {
                return;
            }

            var now = _time.GetTimestamp();
            var part = Math.Clamp(share.Part, 0, 1);
            var rate = RateOf(part);
            _meter.Change(now, before?.Rate ?? _whole, rate);
            _lease = new Lease(part, rate, askedAt, now + (2 * Units(share.ValidFor)), part >= Math.Min(asked.Wanted, 1));
        }
    }

    private GcraRate RateOf(double part) =>
        GcraRate.Of(Policy.Requests * part, Policy.Per, (Policy.Burst ?? Policy.Requests) * part, _time.TimestampFrequency);

    private void Hurry()
    {
        var hurried = Volatile.Read(ref _hurriedAsk);
        var due = Volatile.Read(ref _nextAsk);
        if (hurried < due && _lease is { IsAllThatWasWanted: true })
        {
            Interlocked.CompareExchange(ref _nextAsk, hurried, due);
        }
    }

    private long Units(TimeSpan time) => (long)(time.TotalSeconds * _time.TimestampFrequency);

    /// <param name="ForgottenAt">Long after it has ended: it says nothing of what the proxy still uses.</param>
    private sealed record Lease(double Part, GcraRate Rate, long AskedAt, long ForgottenAt, bool IsAllThatWasWanted);
}
