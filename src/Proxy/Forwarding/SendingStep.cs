using Mesh.Proxy.Filters;
using Mesh.Proxy.Resilience;
using Mesh.Proxy.Services;
using Mesh.Proxy.Telemetry;

namespace Mesh.Proxy.Forwarding;

/// <summary>Sends a request to its backend, measures it, and says what went wrong when no endpoint could answer it.</summary>
internal sealed class SendingStep(IServiceSource source, RetryLoop loop, MirrorSender mirrors, ActiveRequests active, TimeProvider time)
{
    public async Task InvokeAsync(OutboundCall call)
    {
        active.BeginOutbound();
        call.Backend.Stats.Begin();
        var outcome = RequestStats.AbortedOutcome;
        try
        {
            outcome = await SendAsync(call);
        }
        finally
        {
            active.EndOutbound();
            call.Backend.Stats.End(outcome, time.GetElapsedTime(call.Arrived));
        }
    }

    /// <returns>The outcome for <see cref="RequestStats.End"/>.</returns>
    private async ValueTask<int> SendAsync(OutboundCall call)
    {
        var backend = call.Backend.Service;
        backend.Touch(call.Arrived);
        var model = backend.Model;
        var failure = LookupFailure.None;
        if (model is null)
        {
            // Its rule may be newer than the subscription to it.
            var found = await source.FindAsync(backend.Host, call.Context.RequestAborted);
            model = found.Service?.Model;
            failure = found.Failure;
        }

        if (model is null or { IsDeleted: true })
        {
            var isUnknown = failure == LookupFailure.ControlPlaneUnreachable;
            return await FailAsync(call, isUnknown ? ProxyError.NoEndpoints : ProxyError.NoBackend,
                FailureText.NoEndpoint(backend, call.Backend.RequiredLabels, failure, time.GetTimestamp()));
        }

        using var copies = call.Changes?.Mirrors is null ? null : mirrors.Start(call);
        var (last, endpoint, tries) = await loop.SendAsync(call, model);
        if (last.IsAborted)
        {
            return RequestStats.AbortedOutcome;
        }

        if (last.Error == ProxyError.Timeout)
        {
            return await FailAsync(call, last.Error, FailureText.Timeout(call));
        }

        if (endpoint is null)
        {
            return await FailAsync(call, ProxyError.NoEndpoints,
                FailureText.NoEndpoint(backend, call.Backend.RequiredLabels, failure, time.GetTimestamp()));
        }

        return last.Error is { } error
            ? await FailAsync(call, error, FailureText.Upstream(call, endpoint, tries, last.Detail))
            : call.Context.Response.StatusCode;
    }

    private static Task<int> FailAsync(OutboundCall call, ProxyError error, string message) =>
        ErrorResponse.FailAsync(call.Context, call.Service.Errors, error, message);
}
