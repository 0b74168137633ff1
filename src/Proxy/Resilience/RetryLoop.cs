using Mesh.Proxy.Balancing;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Services;
using Yarp.ReverseProxy.Forwarder;

namespace Mesh.Proxy.Resilience;

/// <summary>
/// Sends a request to one endpoint of a backend after the other, until one answers or no other try is allowed. In
/// goes a request whose response has not started; out comes its answer, forwarded to the end, or the failure of the
/// last try. Tries after the first happen
/// <list type="bullet">
/// <item>when no connection could be made, at once, at up to two other endpoints, whatever the method and the rule: nothing was sent;</item>
/// <item>else as the rule's retry policy says, within its attempts, the service's retry budget, and the request's time;</item>
/// <item>never once a response has started or the caller has left, and at most the former for upgrades.</item>
/// </list>
/// </summary>
internal sealed class RetryLoop(IHttpForwarder forwarder, UpstreamClient client, TimeoutPool timeouts, TimeProvider time, Random random)
{
    public async ValueTask<RetryResult> SendAsync(OutboundCall call, ServiceModel model)
    {
        var (context, rule, backend) = (call.Context, call.Rule, call.Backend);
        var limit = TimeLimit(call);
        if (limit <= TimeSpan.Zero)
        {
            return new RetryResult(TryResult.Failed(ProxyError.Timeout, ""), null, 0);
        }

        model.Retries.Deposit(call.Arrived);
        var pool = model.Endpoints.Subset(backend.RequiredLabels);
        var pick = pool.ContextOf(context, time.GetTimestamp(), call.Session?.Endpoint);
        var endpoint = pool.Pick(pick, out var isProbe);
        if (endpoint is null)
        {
            return default;
        }

        var retries = rule.Retry is null || RequestRetries.IsUpgrade(context) ? null : Retries(call, rule.Retry, model);
        try
        {
            for (var tries = 1; ; tries++)
            {
                call.Endpoint = endpoint;
                call.Tries = tries;

                // A try that gets only the rest of the request's time says nothing about its endpoint by running out of it.
                var upstream = new UpstreamTry(endpoint, call, time)
                {
                    Retries = retries,
                    Outliers = pool.Outliers,
                    IsProbe = isProbe,
                    HasFullTime = tries == 1 || limit == rule.TryTimeout,
                };
                isProbe = false;
                var timeout = limit is { } bounded ? timeouts.Rent(bounded) : null;
                TryResult result;
                try
                {
                    result = await upstream.SendAsync(context, forwarder, client, timeout?.Token ?? CancellationToken.None);
                }
                finally
                {
                    if (timeout is not null)
                    {
                        timeouts.Return(timeout);
                    }
                }

                if (!upstream.IsDiscarded && (result.Error is null || context.Response.HasStarted))
                {
                    return new RetryResult(result, endpoint, tries);
                }

                if (result.Error == ProxyError.ConnectFailed)
                {
                    retries ??= Retries(call, null, model);
                }

                if (retries is null)
                {
                    return new RetryResult(result, endpoint, tries);
                }

                retries.Failed.Add(endpoint.Stats);
                pool = backend.Service.Model?.Endpoints.Subset(backend.RequiredLabels) ?? pool;
                pick = pick with { Now = time.GetTimestamp() };
                var next = result.Error == ProxyError.ConnectFailed ? retries.FailOver(pool, pick) : null;
                if (next is null)
                {
                    if (!upstream.IsDiscarded && !retries.Repeats(result.Error!))
                    {
                        return new RetryResult(result, endpoint, tries);
                    }

                    if (!await WaitAsync(retries.Backoff, context.RequestAborted))
                    {
                        return new RetryResult(TryResult.Aborted, endpoint, tries);
                    }

                    // It may have been ejected meanwhile, or be gone.
                    pool = backend.Service.Model?.Endpoints.Subset(backend.RequiredLabels) ?? pool;
                    next = pool.PickAgain(pick with { Now = time.GetTimestamp() }, retries.Failed);
                    if (next is null)
                    {
                        return new RetryResult(result, upstream.IsDiscarded ? null : endpoint, tries);
                    }
                }

                limit = TimeLimit(call);
                if (limit <= TimeSpan.Zero)
                {
                    return new RetryResult(TryResult.Failed(ProxyError.Timeout, ""), endpoint, tries);
                }

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

    private RequestRetries Retries(OutboundCall call, RetryRule? policy, ServiceModel model)
    {
        long? deadline = call.Rule.RequestTimeout is { } whole ? call.Arrived + (long)(whole.TotalSeconds * time.TimestampFrequency) : null;
        return new RequestRetries(call.Context, policy, model.Retries, call.Backend.Stats.Retries, deadline, time, random);
    }

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

    /// <summary>What is left of the rule's limits for a try that starts now; null for no limit.</summary>
    private TimeSpan? TimeLimit(OutboundCall call)
    {
        var rule = call.Rule;
        if (rule.RequestTimeout is not { } whole)
        {
            return rule.TryTimeout;
        }

        var left = whole - time.GetElapsedTime(call.Arrived);
        return rule.TryTimeout < left ? rule.TryTimeout : left;
    }
}
