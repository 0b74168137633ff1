using Mesh.Proxy.Balancing;
using Mesh.Proxy.Deadlines;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Services;
using Yarp.ReverseProxy.Forwarder;

namespace Mesh.Proxy.Resilience;

/// <summary>
/// Sends a request to one endpoint of a backend after the other, until one answers or no other try is allowed. In
/// goes a request whose response has not started; out comes its answer, forwarded to the end, or the failure of the
/// last try. Tries after the first happen
/// <list type="bullet">
/// <item>when nothing of the request was processed (no connection, or the endpoint said so), at once, at up to two other endpoints, whatever the method and the rule;</item>
/// <item>else as the rule's retry policy says, within its attempts, the service's retry budget, and the request's time;</item>
/// <item>never once a response has started or the caller has left, and at most the former for upgrades.</item>
/// </list>
/// With a retry policy, a request for which its backend has no untried endpoint left may go on to another backend of
/// its rule, by their weights.
/// </summary>
internal sealed class RetryLoop(
    IHttpForwarder forwarder, UpstreamClient standard, TimeoutPool timeouts, EndpointPicker picker, HedgeFactory hedges, TimeProvider time, Random random)
{
    public async ValueTask<RetryResult> SendAsync(OutboundCall call, ServiceModel model)
    {
        var limit = call.Limits.ForTry(time, out var isLast);
        if (limit <= TimeSpan.Zero)
        {
            return new RetryResult(TryResult.Failed(call.Limits.Error, ""), null, 0);
        }

        var now = time.GetTimestamp();
        model.Retries.Deposit(now);
        var pool = call.Backend.PoolIn(model);
        var endpoint = EndpointPicker.Pick(call, pool, now, out var isProbe, out var isFull);
        if (endpoint is null)
        {
            return isFull ? new RetryResult(TryResult.Failed(ProxyError.Overloaded, FailureText.FullEndpoints(call)), null, 0) : default;
        }

        var context = call.Context;
        var retries = call.Rule is { Retry: null, HedgeDelay: null } || RequestRetries.IsUpgrade(context) ? null : Retries(call, model);
        try
        {
            for (var tries = 1; ; tries++)
            {
                call.Endpoint = endpoint;
                call.Tries = tries;

                // A try that gets only the rest of the request's time says nothing about its endpoint by running out of it.
                var client = ClientOf(call);
                using var sending = NeedsWatching(client, limit, isLast) ? new SendMonitor() : null;
                var upstream = new UpstreamTry(endpoint, call, time)
                {
                    Retries = retries,
                    Outliers = pool.Outliers,
                    IsProbe = isProbe,
                    HasFullTime = tries == 1 || !isLast,
                    Limits = call.Limits,
                    TimeLimitError = isLast ? call.Limits.Error : ProxyError.Timeout,
                    Sending = sending,
                    MayQueue = client.IsLimited,
                    Hedge = tries == 1 && !isProbe ? hedges.TryCreate(call, model, endpoint, retries) : null,
                };
                isProbe = false;
                var result = await TryAsync(call, upstream, client, limit);
                var first = endpoint;
                call.Endpoint = endpoint = upstream.Endpoint;
                if (!upstream.IsDiscarded && (result.Error is null || context.Response.HasStarted))
                {
                    return new RetryResult(result, endpoint, tries);
                }

                if (result.IsUnprocessed)
                {
                    retries ??= Retries(call, model);
                }

                if (retries is null || (isLast && result.Error == call.Limits.Error))
                {
                    return new RetryResult(result, endpoint, tries);
                }

                retries.Failed.Add(endpoint.Stats);
                if (!ReferenceEquals(first, endpoint))
                {
                    retries.Failed.Add(first.Stats);
                }

                var next = retries.MayFailOver(result) ? FailOver(call, retries) : null;
                if (next is null)
                {
                    if (!upstream.IsDiscarded && !retries.Repeats(result))
                    {
                        return new RetryResult(result, endpoint, tries);
                    }

                    if (!await WaitAsync(retries.Backoff, context.RequestAborted))
                    {
                        return new RetryResult(TryResult.Aborted, endpoint, tries);
                    }
                }

                limit = call.Limits.ForTry(time, out isLast);
                if (limit <= TimeSpan.Zero)
                {
                    next?.Stats.GiveBack();
                    return new RetryResult(TryResult.Failed(call.Limits.Error, ""), endpoint, tries);
                }

                // Its endpoints may have been ejected meanwhile, or be gone.
                next ??= picker.PickAgain(call, retries.Failed);
                if (next is null)
                {
                    return new RetryResult(result, upstream.IsDiscarded ? null : endpoint, tries);
                }

                pool = EndpointPicker.PoolOf(call.Backend) ?? pool;
                endpoint = next;
                retries.Reset();
                context.Features.Set<IForwarderErrorFeature>(null);
            }
        }
        finally
        {
            retries?.Dispose();
        }
    }

    private async ValueTask<TryResult> TryAsync(OutboundCall call, UpstreamTry upstream, UpstreamClient client, TimeSpan? limit)
    {
        if (call.Rule.IdleTimeout is { } idle)
        {
            return await TryWatchedAsync(call, upstream, client, limit, idle);
        }

        var timeout = limit is { } bounded ? timeouts.Rent(bounded) : null;
        try
        {
            return await upstream.SendAsync(call.Context, forwarder, client, timeout?.Token ?? CancellationToken.None);
        }
        finally
        {
            if (timeout is not null)
            {
                timeouts.Return(timeout);
            }
        }
    }

    private async ValueTask<TryResult> TryWatchedAsync(
        OutboundCall call, UpstreamTry upstream, UpstreamClient client, TimeSpan? limit, TimeSpan idle)
    {
        using var cut = new CancellationTokenSource();
        if (limit is { } bounded)
        {
            cut.CancelAfter(bounded);
        }

        await using var watch = new IdleWatch(idle, cut, time);
        upstream.Idle = watch;
        var request = call.Context.Request;
        var body = request.Body;
        request.Body = watch.Watch(body);
        try
        {
            return await upstream.SendAsync(call.Context, forwarder, client, cut.Token);
        }
        finally
        {
            request.Body = body;
        }
    }

    /// <summary>
    /// Whether the end of a try's time may leave open if anything was sent: not when the client gives up connecting
    /// earlier, and not when the request is over with it, unless the try may just have waited for one of few connections.
    /// </summary>
    private static bool NeedsWatching(UpstreamClient client, TimeSpan? limit, bool isLast) =>
        limit is not null && (client.IsLimited || (!isLast && limit <= client.ConnectTimeout));

    /// <summary>Has the connections to the backend at which the request is now.</summary>
    private UpstreamClient ClientOf(OutboundCall call) => call.Backend.Service.Model?.Client ?? standard;

    private UpstreamEndpoint? FailOver(OutboundCall call, RequestRetries retries)
    {
        var other = picker.PickUntried(call, retries.Failed)
            ?? (call.Rule.Retry is null ? null : picker.PickElsewhere(call, retries.Failed));
        if (other is not null)
        {
            retries.CountFailOver();
        }

        return other;
    }

    private RequestRetries Retries(OutboundCall call, ServiceModel model) => new(
        call.Context, call.Rule, model.Retries, call.Backend.Stats.Retries, call.Limits.EndsAt(time), time, random);

    /// <returns>False when the caller left.</returns>
    private async ValueTask<bool> WaitAsync(TimeSpan backoff, CancellationToken callerLeft)
    {
        try
        {
            await Task.Delay(backoff, time, callerLeft);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
