using Mesh.Abstractions.Services;
using Mesh.Proxy.Deadlines;
using Mesh.Proxy.Explain;
using Mesh.Proxy.Filters;
using Mesh.Proxy.Overrides;
using Mesh.Proxy.Routing;
using Mesh.Proxy.Services;
using Mesh.Proxy.Tap;

namespace Mesh.Proxy.Forwarding;

/// <summary>From a service to one of its rules, and to one of the rule's backends.</summary>
internal sealed class RoutingStep(
    OverrideStep overriding, ExplainHeader explaining, SendingStep sending, TapHub tap, CallerIdentity caller, Via via, TimeProvider time, Random random)
{
    /// <param name="port">The port that was asked for; 0 for none.</param>
    /// <param name="arrived">The timestamp at which the request arrived.</param>
    public Task InvokeAsync(HttpContext context, ServiceState service, int port, long arrived)
    {
        if (ExplainHeader.IsAllowed(service))
        {
            explaining.Watch(context, service);
        }

        return OverrideStep.IsAllowed(service)
            ? OverrideAndRouteAsync(context, service, port, arrived)
            : RouteAsync(context, service, port, arrived, overrides: null);
    }

    private async Task OverrideAndRouteAsync(HttpContext context, ServiceState service, int port, long arrived)
    {
        if (!overriding.TryRead(context, out var overrides))
        {
            await FailAsync(context, service, ProxyError.BadOverride,
                $"write {RequestOverrides.Header} as service=service, such as web=web-v2 or db/*=db-canary; at most {RequestOverrides.MaxEntries}, separated by commas");
            return;
        }

        var chosen = overrides is null ? service : await overriding.ReplaceAsync(overrides, service, context.RequestAborted);
        await RouteAsync(context, chosen, ReferenceEquals(chosen, service) ? port : 0, arrived, overrides);
    }

    private Task RouteAsync(HttpContext context, ServiceState service, int port, long arrived, RequestOverrides? overrides)
    {
        service.Touch(arrived);
        var model = service.Model;
        if (model is null || model.IsDeleted || !model.AcceptsPort(port))
        {
            return FailAsync(context, service, ProxyError.UnknownService, FailureText.NotServed(service, port));
        }

        if (Via.FindLoop(context.Request.Headers.Via, via.EntryOf(service)) is { } loop)
        {
            return FailAsync(context, service, ProxyError.Loop, loop);
        }

        if (model.Spec!.Protocol == ServiceProtocol.Tcp)
        {
            return FailAsync(context, service, ProxyError.BadRequest,
                $"the service {service.Name} speaks no HTTP (protocol tcp); connect to a port that Mesh:Tcp gives it, or by CONNECT");
        }

        var match = model.Routes.Find(context.Request, caller);
        if (match is null)
        {
            return FailAsync(context, service, ProxyError.NoRoute,
                $"no rule of {service.Name} (revision {model.Version.Revision}) matches {context.Request.Method} {context.Request.Path}");
        }

        if (match.Rule.RateLimit is { } rateLimit && !rateLimit.TryTake(context, time.GetTimestamp(), out var retryAfter))
        {
            match.Rule.Filters?.Cors?.Watch(context);
            return ErrorResponse.FailAsync(
                context, service.Errors, ProxyError.RateLimited, FailureText.RuleRate(service, match.Rule, rateLimit.Policy), retryAfter);
        }

        return match.Rule.Filters is { } filters
            ? FilterAsync(filters, context, service, match, arrived, overrides)
            : SendAsync(context, service, match, arrived, overrides);
    }

    private async Task FilterAsync(
        RuleFilters filters, HttpContext context, ServiceState service, RouteEntry match, long arrived, RequestOverrides? overrides)
    {
        if (!await filters.TryAnswerAsync(context, match, service, arrived))
        {
            await SendAsync(context, service, match, arrived, overrides);
        }
    }

    private Task SendAsync(HttpContext context, ServiceState service, RouteEntry match, long arrived, RequestOverrides? overrides)
    {
        var rule = match.Rule;
        if (!DeadlineHeaders.TryRead(context.Request, out var allowed, out var problem))
        {
            return FailAsync(context, service, ProxyError.BadRequest, problem);
        }

        if (allowed == TimeSpan.Zero)
        {
            return FailAsync(context, service, ProxyError.DeadlineExceeded, FailureText.NoTime);
        }

        var session = rule.Sessions?.Read(context.Request, time);
        var backend = session is { } held ? rule.Sessions!.BackendOf(held) : rule.PickBackend(random);
        if (backend is null)
        {
            return FailAsync(context, service, ProxyError.NoEndpoints, $"rule '{rule.Name}' of {service.Name} has no backend with a weight above 0");
        }

        var call = new OutboundCall
        {
            Context = context,
            Arrived = arrived,
            Service = service,
            Rule = rule,
            Backend = backend,
            Limits = new TimeLimits(arrived, allowed, rule),
            PrefixSegments = match.Path.PrefixSegments,
            Session = session,
        };
        if (tap.IsOn || ExplainHeader.IsAllowed(service))
        {
            context.Features.Set(call);
        }

        return overrides is null ? sending.InvokeAsync(call) : OverrideAndSendAsync(call, overrides);
    }

    private async Task OverrideAndSendAsync(OutboundCall call, RequestOverrides overrides)
    {
        call.Backend = await overriding.ReplaceAsync(overrides, call.Service, call.Backend, call.Context.RequestAborted);
        await sending.InvokeAsync(call);
    }

    private static Task<int> FailAsync(HttpContext context, ServiceState service, ProxyError error, string message) =>
        ErrorResponse.FailAsync(context, service.Errors, error, message);
}
