using Mesh.Proxy.Filters;
using Mesh.Proxy.Limits;
using Mesh.Proxy.Listeners;
using Mesh.Proxy.Resilience;
using Mesh.Proxy.Services;
using Mesh.Proxy.Telemetry;

namespace Mesh.Proxy.Forwarding;

/// <summary>Sends a request to its backend, measures it, and says what went wrong when no endpoint could answer it.</summary>
internal sealed class SendingStep(
    IServiceSource source, Admission admission, RetryLoop loop, MirrorSender mirrors, ActiveRequests active, TimeProvider time)
{
    public async Task InvokeAsync(OutboundCall call)
    {
        // A retry may go elsewhere; the request counts where it was meant to go.
        var stats = call.Backend.Stats;
        active.BeginOutbound();
        stats.Begin();
        var outcome = RequestStats.AbortedOutcome;
        try
        {
            outcome = await SendAsync(call);
        }
        finally
        {
            stats.End(outcome, time.GetElapsedTime(call.Arrived));
            active.EndOutbound();
            if (outcome == RequestStats.AbortedOutcome)
            {
                AbortedRequest.MarkLeft(call.Context);
                ListenerFeature.TakeBack(call.Context);
            }
        }
    }

    /// <returns>The outcome for <see cref="RequestStats.End"/>.</returns>
    private async ValueTask<int> SendAsync(OutboundCall call)
    {
        if (call.Context.RequestAborted.IsCancellationRequested)
        {
            return RequestStats.AbortedOutcome;
        }

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
                FailureText.NoEndpoint(backend, call.Backend.RequiredLabels, failure, time.GetTimestamp(), call.Backend.Scope));
        }

        var gate = backend.Gate;
        if (await admission.EnterAsync(call, model, gate) is { } refusal)
        {
            return refusal.Error is null
                ? RequestStats.AbortedOutcome
                : await FailAsync(call, refusal.Error, refusal.Message, refusal.RetryAfter);
        }

        try
        {
            using var copies = call.Changes?.Mirrors is null ? null : mirrors.Start(call);
            var result = await loop.SendAsync(call, model);
            return await EndAsync(call, backend, result);
        }
        finally
        {
            gate?.Leave();
        }
    }

    private async ValueTask<int> EndAsync(OutboundCall call, ServiceState backend, RetryResult result)
    {
        var (last, endpoint, tries) = result;
        if (last.IsAborted)
        {
            return RequestStats.AbortedOutcome;
        }

        if (last.Error == ProxyError.Timeout)
        {
            return await FailAsync(call, last.Error, FailureText.Timeout(call));
        }

        if (last.Error == ProxyError.DeadlineExceeded)
        {
            return await FailAsync(call, last.Error, FailureText.Deadline(call.Limits));
        }

        if (last.Error == ProxyError.Overloaded)
        {
            return await FailAsync(call, last.Error, last.Detail);
        }

        if (endpoint is null)
        {
            return await FailAsync(call, ProxyError.NoEndpoints,
                FailureText.NoEndpoint(backend, call.Backend.RequiredLabels, LookupFailure.None, time.GetTimestamp(), call.Backend.Scope));
        }

        return last.Error is { } error
            ? await FailAsync(call, error, FailureText.Upstream(call, endpoint, tries, last.Detail))
            : call.Context.Response.StatusCode;
    }

    private static Task<int> FailAsync(OutboundCall call, ProxyError error, string message, TimeSpan? retryAfter = null) =>
        ErrorResponse.FailAsync(call.Context, call.Errors, error, message, retryAfter);
}
