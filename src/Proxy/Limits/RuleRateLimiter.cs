using Mesh.Abstractions.Routing;

namespace Mesh.Proxy.Limits;

/// <summary>The rate limit of one rule in this proxy, over all callers or for each. Survives snapshots in which it stays the same.</summary>
internal sealed class RuleRateLimiter
{
    /// <summary>10,000 callers, about 1 MB.</summary>
    public const int Callers = 10_000;

    private readonly TimeProvider _time;
    private readonly GcraRate _rate;
    private readonly Gcra _all = new();
    private readonly CallerKey? _key;
    private readonly CallerTable? _callers;

    /// <exception cref="ArgumentException">A number is not one the API accepts.</exception>
    public RuleRateLimiter(RuleRateLimit policy, TimeProvider time)
    {
        if (policy.Requests < 1 || policy.Per <= TimeSpan.Zero || policy.Burst < 1)
        {
            throw new ArgumentException($"rateLimit: {policy.Requests} requests in {policy.Per} with a burst of {policy.Burst} are not possible");
        }

        Policy = policy;
        _time = time;
        _rate = GcraRate.Of(policy.Requests, policy.Per, policy.Burst ?? policy.Requests, time.TimestampFrequency);
        if (policy.PerCaller is { } key)
        {
            _key = new CallerKey(key);
            _callers = new CallerTable(Callers);
        }
    }

    public RuleRateLimit Policy { get; }

    /// <param name="now">The current timestamp.</param>
    /// <param name="retryAfter">How long until the request would be allowed; zero when it is.</param>
    public bool TryTake(HttpContext context, long now, out TimeSpan retryAfter)
    {
        var meter = _key is null ? _all : _callers!.Get(_key.Of(context), now);
        var isAllowed = meter.TryTake(now, _rate, out var wait);
        retryAfter = isAllowed ? TimeSpan.Zero : _time.GetElapsedTime(0, wait);
        return isAllowed;
    }
}
