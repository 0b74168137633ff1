using System.Net.Http.Headers;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Routing;
using Mesh.Proxy.Telemetry;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Proxy.Resilience;

/// <summary>
/// What one request may still try, and where it has failed. Exists only for requests whose rule retries or hedges and
/// for those of which nothing was processed.
/// </summary>
internal sealed class RequestRetries : IDisposable
{
    /// <summary>A connection that fails costs its service nothing, so these few need neither a policy nor budget.</summary>
    private const int MaxFailovers = 2;

    /// <summary>1 s: who is asked to wait for longer had better tell the caller so.</summary>
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromSeconds(1);

    private readonly HttpContext _context;
    private readonly RetryRule? _rule;
    private readonly RetryAllowance _allowance;
    private readonly RetryCounters _counters;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly long? _deadline;
    private readonly bool _isGrpc;
    private readonly Stream? _source;
    private readonly ReplayableBody? _body;
    private readonly bool _canHaveBody;
    private int _retries;
    private int _failovers;

    /// <param name="rule">Without a retry policy only what needs none is allowed.</param>
    /// <param name="deadline">The timestamp by which the request must be over; null for none.</param>
    public RequestRetries(
        HttpContext context, RuleModel rule, RetryAllowance allowance, RetryCounters counters, long? deadline, TimeProvider time, Random random)
    {
        _context = context;
        _rule = rule.Retry;
        _allowance = allowance;
        _counters = counters;
        _deadline = deadline;
        _time = time;
        _random = random;
        _isGrpc = GrpcStatus.IsCall(context.Request);
        _canHaveBody = RequestBody.MayExist(context);
        if (_canHaveBody && (rule.Retry is not null || rule.HedgeDelay is not null))
        {
            _source = context.Request.Body;
            _body = new ReplayableBody(_source, context.Request.ContentLength, context.RequestAborted);
            context.Request.Body = _body;
        }
    }

    /// <summary>Where the request has failed.</summary>
    public List<EndpointStats> Failed { get; } = [];

    /// <summary>What is recorded of the request's body; null when it has none, or when nothing is.</summary>
    public ReplayableBody? Body => _body;

    /// <summary>Nobody minds when the request is carried out twice.</summary>
    public bool MayRunTwice => _rule?.NonIdempotent == true || IsIdempotent(_context.Request.Method);

    /// <summary>The wait before the retry that was allowed last.</summary>
    public TimeSpan Backoff { get; private set; }

    /// <summary>
    /// Whether the request turns its connection into something else: nobody can say what an endpoint made of it. Of the
    /// offers of HTTP/1.1 only those count that the forwarder takes up; others, such as <c>h2c</c>, which some clients
    /// make with every request, are not passed on (RFC 9110, section 7.8: they may be ignored).
    /// </summary>
    public static bool IsUpgrade(HttpContext context) =>
        (context.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest == true && IsTunneled(context.Request.Headers.Upgrade.ToString()))
        || context.Features.Get<IHttpExtendedConnectFeature>()?.IsExtendedConnect == true;

    /// <summary>Decides at an answer's headers whether to throw it away and try again.</summary>
    public bool Replaces(HttpResponseMessage answer)
    {
        if (_rule is null || !(_rule.Covers((int)answer.StatusCode) || (_isGrpc && _rule.CoversGrpc(GrpcStatus.Read(answer.Headers)))))
        {
            return false;
        }

        var wait = _isGrpc ? GrpcPushback.Read(answer.Headers) : null;
        return wait != GrpcPushback.Never && TryAllow(RetryReason.Status, wait ?? RetryAfter(answer.Headers.RetryAfter), isExact: wait is not null);
    }

    /// <summary>Decides after a try without an answer.</summary>
    public bool Repeats(TryResult result)
    {
        if (_rule is null || ReasonOf(result.Error!) is not { } reason)
        {
            return false;
        }

        var isSafe = result.IsUnprocessed || MayRunTwice || (_isGrpc && _rule.CoversGrpc(result.Error!.GrpcStatus));
        return isSafe && TryAllow(reason, TimeSpan.Zero);
    }

    /// <summary>Whether the request may go to another endpoint at once, because nothing of it was processed and all of it is still here.</summary>
    public bool MayFailOver(TryResult result) => result.IsUnprocessed
        && _failovers < MaxFailovers
        && (result.Error == ProxyError.ConnectFailed || (_body?.CanReplay ?? !_canHaveBody));

    /// <summary>Takes a second try beside the first from the budget.</summary>
    public bool TryAllowHedge()
    {
        if (!_allowance.TryWithdraw(_time.GetTimestamp()))
        {
            _counters.Count(RetryRefusal.Budget);
            return false;
        }

        _counters.Count(RetryReason.Hedge);
        return true;
    }

    /// <summary>The request goes to another endpoint without policy and budget.</summary>
    public void CountFailOver()
    {
        _failovers++;
        _counters.Count(RetryReason.Connect);
    }

    /// <summary>Puts request and response back to where they were before the first try.</summary>
    public void Reset()
    {
        _body?.Rewind();
        _context.Response.Clear();
    }

    /// <summary>Gives the request its own body back.</summary>
    public void Dispose()
    {
        if (_body is not null)
        {
            _context.Request.Body = _source!;
            _body.Dispose();
        }
    }

    private static RetryReason? ReasonOf(ProxyError error) =>
        error == ProxyError.ConnectFailed || error == ProxyError.NoEndpoints || error == ProxyError.Overloaded ? RetryReason.Connect
        : error == ProxyError.UpstreamReset ? RetryReason.Reset
        : error == ProxyError.Timeout ? RetryReason.Timeout
        : null;

    private static bool IsTunneled(string protocol) =>
        protocol.Equals("websocket", StringComparison.OrdinalIgnoreCase) || protocol.StartsWith("SPDY/", StringComparison.OrdinalIgnoreCase);

    /// <summary>RFC 9110, section 9.2.2.</summary>
    private static bool IsIdempotent(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method)
        || HttpMethods.IsTrace(method) || HttpMethods.IsPut(method) || HttpMethods.IsDelete(method);

    /// <param name="wait">How long the endpoint asks to wait.</param>
    /// <param name="isExact">No longer than that, either.</param>
    private bool TryAllow(RetryReason reason, TimeSpan wait, bool isExact = false)
    {
        if (_retries >= _rule!.Attempts)
        {
            return false;
        }

        if (_body is { CanReplay: false })
        {
            _counters.Count(RetryRefusal.Body);
            return false;
        }

        var now = _time.GetTimestamp();
        var backoff = _rule.BackoffBefore(_retries + 1, _random.NextDouble());
        backoff = isExact || wait > backoff ? wait : backoff;
        if (wait > LongestRetryAfter || (_deadline is { } deadline && backoff >= _time.GetElapsedTime(now, deadline)))
        {
            _counters.Count(RetryRefusal.Wait);
            return false;
        }

        if (!_allowance.TryWithdraw(now))
        {
            _counters.Count(RetryRefusal.Budget);
            return false;
        }

        _retries++;
        Backoff = backoff;
        _counters.Count(reason);
        return true;
    }

    private TimeSpan RetryAfter(RetryConditionHeaderValue? value) =>
        value?.Delta ?? (value?.Date is { } date ? date - _time.GetUtcNow() : TimeSpan.Zero);
}
