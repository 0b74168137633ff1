using Mesh.Abstractions.Routing;
using Mesh.Proxy.Routing;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.Filters;

/// <summary>
/// The filters of a rule that may answer a request before it has a backend, in the order in which they act: CORS,
/// injected faults, redirect, fixed response. Immutable.
/// </summary>
internal sealed class RuleFilters
{
    private readonly FilterCounters _counters;
    private readonly TimeProvider _time;
    private readonly TimeSpan? _limit;

    private RuleFilters(RouteRule rule, FilterCounters counters, TimeProvider time, Random random)
    {
        _counters = counters;
        _time = time;
        _limit = rule.Timeouts?.Request is { } limit && limit > TimeSpan.Zero ? limit : null;
        foreach (var filter in rule.Filters)
        {
            Cors ??= filter.Cors is { } cors ? new CorsFilter(cors) : null;
            Fault ??= filter.FaultInjection is { } fault ? new FaultFilter(fault, counters, time, random) : null;
            Redirect ??= filter.RequestRedirect is { } redirect ? new RedirectFilter(redirect, rule.Matches) : null;
            DirectResponse ??= filter.DirectResponse is { } direct ? new DirectResponseFilter(direct) : null;
        }
    }

    public CorsFilter? Cors { get; }

    public FaultFilter? Fault { get; }

    public RedirectFilter? Redirect { get; }

    public DirectResponseFilter? DirectResponse { get; }

    /// <returns>Null when the rule has no such filter.</returns>
    /// <exception cref="ArgumentException">A filter cannot be used.</exception>
    public static RuleFilters? Create(RouteRule rule, FilterCounters counters, TimeProvider time, Random random)
    {
        var filters = new RuleFilters(rule, counters, time, random);
        return filters is { Cors: null, Fault: null, Redirect: null, DirectResponse: null } ? null : filters;
    }

    /// <param name="arrived">The timestamp at which the request arrived.</param>
    /// <returns>Whether the request is over: answered, or its caller has left.</returns>
    public async ValueTask<bool> TryAnswerAsync(HttpContext context, RouteEntry match, ServiceState service, long arrived)
    {
        if (Cors is not null)
        {
            if (CorsFilter.IsPreflight(context.Request))
            {
                _counters.Count(FilterAction.Preflight);
                Cors.AnswerPreflight(context);
                return true;
            }

            Cors.Watch(context);
        }

        if (Fault is not null && await Fault.ApplyAsync(context, service.Errors, _limit - _time.GetElapsedTime(arrived)))
        {
            return true;
        }

        if (Redirect is not null)
        {
            _counters.Count(FilterAction.Redirect);
            Redirect.Answer(context, match.Path.PrefixSegments);
            return true;
        }

        if (DirectResponse is not null)
        {
            _counters.Count(FilterAction.DirectResponse);
            await DirectResponse.AnswerAsync(context);
            return true;
        }

        return false;
    }
}
