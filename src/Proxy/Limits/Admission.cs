using Mesh.Abstractions.Json;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.Limits;

/// <summary>
/// Lets a request through to its backend's service, at once or after a wait, or says why not: first the service's rate
/// limit over all proxies, then the limits of what this proxy has there at once.
/// </summary>
internal sealed class Admission(RateShareRequests shares, TimeProvider time)
{
    /// <param name="gate">To be left when the request is over; null when there is none.</param>
    /// <returns>Null when it is admitted.</returns>
    public ValueTask<Refusal?> EnterAsync(OutboundCall call, ServiceModel model, RequestGate? gate)
    {
        if (model.RateLimit is { } rateLimit && !call.IsFromPeer)
        {
            // Not when it arrived: it may have been delayed since, and would be judged by what was left then.
            var now = time.GetTimestamp();
            shares.AskIfDue(rateLimit, now);
            if (!rateLimit.TryTake(now, out var retryAfter))
            {
                var policy = rateLimit.Policy;
                return new ValueTask<Refusal?>(new Refusal(ProxyError.RateLimited,
                    $"{rateLimit.Service} allows {policy.Requests} requests in {GatewayDuration.Format(policy.Per)} over all proxies (traffic.rateLimit); "
                    + $"this proxy's part is {rateLimit.Part ?? 1:P0}", retryAfter));
            }
        }

        return gate is null || gate.TryEnter() ? default : new ValueTask<Refusal?>(WaitAsync(call, gate));
    }

    private async Task<Refusal?> WaitAsync(OutboundCall call, RequestGate gate)
    {
        // Timers count whole milliseconds: when one says that a limit is over, the clock may not say so yet.
        var left = call.Limits.Left(time);
        var isOwnTime = left <= gate.Limits.PendingTimeout;
        var outcome = await gate.EnterAsync(left, time, call.Context.RequestAborted);
        return outcome switch
        {
            GateOutcome.Entered => null,
            GateOutcome.Abandoned => new Refusal(null, ""),
            GateOutcome.TimedOut when isOwnTime => new Refusal(
                call.Limits.Error, call.Limits.IsCallers ? FailureText.Deadline(call.Limits) : FailureText.Timeout(call)),
            _ => new Refusal(ProxyError.Overloaded, Explain(call, gate, outcome)),
        };
    }

    private static string Explain(OutboundCall call, RequestGate gate, GateOutcome outcome)
    {
        var limits = gate.Limits;
        var limit = gate.Capacity == limits.Concurrent ? "limits.concurrent" : "limits.concurrentPerEndpoint over all endpoints";
        var wait = outcome == GateOutcome.TimedOut
            ? $"the request has waited {GatewayDuration.Format(limits.PendingTimeout)} (limits.pendingTimeout)"
            : $"{limits.Pending} may wait (limits.pending)";
        return $"this proxy has {gate.Capacity} requests at {call.Backend.Service.Name} ({limit}), and {wait}";
    }
}
