using System.Text;
using Mesh.Abstractions.Routing;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Resilience;
using Mesh.Proxy.Telemetry;

namespace Mesh.Proxy.Filters;

/// <summary>
/// A compiled <see cref="FaultInjection"/>: first the delay, then the error, each for its own share. An injected error
/// carries the <c>mesh-error</c> <c>fault-injected</c> and reaches no backend, so that neither endpoints nor outlier
/// detection nor retries see it.
/// </summary>
internal sealed class FaultFilter
{
    /// <summary>What <see cref="Task.Delay(TimeSpan)"/> can wait, and nobody wants.</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(1);

    private readonly FaultDelay? _delay;
    private readonly FaultAbort? _abort;
    private readonly FilterCounters _counters;
    private readonly TimeProvider _time;
    private readonly Random _random;

    /// <exception cref="ArgumentException">The delay cannot be waited for, or the error is none.</exception>
    public FaultFilter(FaultInjection fault, FilterCounters counters, TimeProvider time, Random random)
    {
        if (fault.Delay is { } delay && (delay.FixedDelay < TimeSpan.Zero || delay.FixedDelay > LongestDelay))
        {
            throw new ArgumentException($"{delay.FixedDelay} is not a delay");
        }

        if (fault.Abort is { } abort
            && (abort.HttpStatus is null == abort.GrpcStatus is null || abort.HttpStatus is < 200 or > 599 || abort.GrpcStatus is < 1 or > 16))
        {
            throw new ArgumentException("an injected error needs one status, from 200 to 599 or a gRPC status from 1 to 16");
        }

        _delay = fault.Delay;
        _abort = fault.Abort;
        _counters = counters;
        _time = time;
        _random = random;
    }

    /// <param name="left">What is left of the request's time; null for no limit. A delay ends with it, in a timeout.</param>
    /// <returns>Whether the request is over.</returns>
    public async ValueTask<bool> ApplyAsync(HttpContext context, ErrorCounters errors, TimeSpan? left)
    {
        if (_delay is { } delay && IsDrawn(delay.Percent))
        {
            _counters.Count(FilterAction.Delay);
            var isTooLong = left <= delay.FixedDelay;
            var wait = isTooLong ? left!.Value : delay.FixedDelay;
            try
            {
                await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, _time, context.RequestAborted);
            }
            catch (OperationCanceledException)
            {
                // Nobody waits for an answer any more.
                return true;
            }

            if (isTooLong)
            {
                await ErrorResponse.FailAsync(context, errors, ProxyError.Timeout, "the delay that the rule injects is longer than a request may take");
                return true;
            }
        }

        if (_abort is not { } abort || !IsDrawn(abort.Percent))
        {
            return false;
        }

        _counters.Count(FilterAction.Abort);
        errors.Count(ProxyError.FaultInjected);
        await WriteAsync(context, abort);
        return true;
    }

    private static Task WriteAsync(HttpContext context, FaultAbort abort)
    {
        var message = $"{ProxyError.FaultInjected.Code}: the rule asks for this error";
        context.Response.Headers[ErrorResponse.CodeHeader] = ProxyError.FaultInjected.Code;
        return FixedAnswer.WriteAsync(
            context,
            abort.HttpStatus ?? GrpcStatus.ToHttp(abort.GrpcStatus!.Value),
            "text/plain; charset=utf-8",
            Encoding.UTF8.GetBytes($"{message}\n"),
            abort.GrpcStatus ?? GrpcStatus.FromHttp(abort.HttpStatus!.Value),
            message);
    }

    private bool IsDrawn(int percent) => percent >= 100 || _random.Next(100) < percent;
}
