using Mesh.Abstractions.Endpoints;
using Mesh.Proxy.Access;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Deadlines;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Limits;
using Mesh.Proxy.Listeners;
using Mesh.Proxy.Telemetry;
using Yarp.ReverseProxy.Forwarder;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Forwarding;

/// <summary>The life of a request from the mesh to the application beside the proxy: forwarded as it is, and measured.</summary>
internal sealed class InboundPipeline(
    AppOptions app,
    IHttpForwarder forwarder,
    UpstreamClient client,
    TimeoutPool timeouts,
    LoadShedder shedder,
    ActiveRequests active,
    ProxyStats stats,
    Via via,
    InboundGuard guard,
    AccessGuard access,
    TimeProvider time)
{
    private readonly UpstreamEndpoint _application = new(
        new Endpoint { Id = "app", Host = app.Host, Port = app.Port, Region = "" }, app.Protocol, new EndpointStats(time));

    public async Task InvokeAsync(HttpContext context)
    {
        var arrived = time.GetTimestamp();
        if (shedder.Judge(arrived) is var reason and not ShedReason.None)
        {
            await ErrorResponse.FailAsync(context, stats.InboundErrors, ProxyError.Overloaded, shedder.Explain(reason), LoadShedder.RetryAfter);
            return;
        }

        active.BeginInbound();
        stats.Inbound.Begin();
        var outcome = RequestStats.AbortedOutcome;
        try
        {
            outcome = await SendAsync(context, arrived);
        }
        finally
        {
            stats.Inbound.End(outcome, time.GetElapsedTime(arrived));
            active.EndInbound();
            if (outcome == RequestStats.AbortedOutcome)
            {
                AbortedRequest.MarkLeft(context);
                ListenerFeature.TakeBack(context);
            }
        }
    }

    /// <returns>The outcome for <see cref="RequestStats.End"/>.</returns>
    private async ValueTask<int> SendAsync(HttpContext context, long arrived)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            return RequestStats.AbortedOutcome;
        }

        if (RequestTarget.IsTunnel(context))
        {
            return await FailAsync(context, ProxyError.BadRequest, RequestTarget.NoTunnels);
        }

        if (RequestGuard.Check(context.Request) is { } problem)
        {
            return await FailAsync(context, ProxyError.BadRequest, problem);
        }

        await access.WaitForPolicyAsync(context.RequestAborted);
        if (guard.Check(context) is { } refusal)
        {
            return await FailAsync(context, ProxyError.Forbidden, refusal);
        }

        var (denial, request) = await access.AdmitAsync(context);
        if (denial is not null)
        {
            return await FailAsync(context, denial);
        }

        try
        {
            return await SendAdmittedAsync(context, arrived);
        }
        finally
        {
            access.Leave(request);
        }
    }

    private async ValueTask<int> SendAdmittedAsync(HttpContext context, long arrived)
    {
        if (via.FindInboundLoop(context.Request.Headers.Via) is { } loop)
        {
            return await FailAsync(context, ProxyError.Loop, loop);
        }

        if (!DeadlineHeaders.TryRead(context.Request, out var allowed, out var problem))
        {
            return await FailAsync(context, ProxyError.BadRequest, problem);
        }

        var result = await TryAsync(context, new TimeLimits(arrived, allowed, rule: null));
        if (result.IsAborted)
        {
            return RequestStats.AbortedOutcome;
        }

        if (result.Error == ProxyError.DeadlineExceeded)
        {
            return await FailAsync(context, result.Error, result.Detail);
        }

        return result.Error is { } error
            ? await FailAsync(context, error, $"the application at {_application.Address} (Mesh:App:Port): {result.Detail}")
            : context.Response.StatusCode;
    }

    private async ValueTask<TryResult> TryAsync(HttpContext context, TimeLimits limits)
    {
        var left = limits.Left(time);
        if (left <= TimeSpan.Zero)
        {
            return TryResult.Failed(ProxyError.DeadlineExceeded, FailureText.NoTime);
        }

        _application.Stats.Begin();
        var upstream = new UpstreamTry(_application, call: null, time) { Via = via.Inbound, Limits = limits, TimeLimitError = limits.Error };
        if (left is not { } bounded)
        {
            return await upstream.SendAsync(context, forwarder, client, CancellationToken.None);
        }

        var timeout = timeouts.Rent(bounded);
        try
        {
            var result = await upstream.SendAsync(context, forwarder, client, timeout.Token);
            return result.Error == ProxyError.DeadlineExceeded ? TryResult.Failed(result.Error, FailureText.Deadline(limits)) : result;
        }
        finally
        {
            timeouts.Return(timeout);
        }
    }

    private Task<int> FailAsync(HttpContext context, AccessRefusal denial)
    {
        if (denial.Challenge is { Count: > 0 } challenge)
        {
            context.Response.OnStarting(() =>
            {
                context.Response.Headers.WWWAuthenticate = challenge;
                return Task.CompletedTask;
            });
        }

        return FailAsync(context, denial.Error, denial.Reason);
    }

    private Task<int> FailAsync(HttpContext context, ProxyError error, string message) =>
        ErrorResponse.FailAsync(context, stats.InboundErrors, error, message);
}
