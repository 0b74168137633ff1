using Mesh.Abstractions.Naming;
using Mesh.Proxy.Resilience;
using Mesh.Proxy.Routing;
using Mesh.Proxy.Services;
using Mesh.Proxy.Telemetry;

namespace Mesh.Proxy.Forwarding;

/// <summary>
/// The life of an application's request to the mesh: authority, service, rule, backend, endpoint, forwarding,
/// measuring. Every way it can fail ends in one of the proxy's own errors.
/// </summary>
internal sealed class OutboundPipeline(
    ServiceTable services,
    IServiceSource source,
    RetryLoop loop,
    ActiveRequests active,
    ProxyStats stats,
    TimeProvider time,
    Random random)
{
    public Task InvokeAsync(HttpContext context)
    {
        var arrived = time.GetTimestamp();
        var host = context.Request.Host.Value;
        if (string.IsNullOrEmpty(host) || !Authority.TryParse(host, out var authority))
        {
            return FailAsync(context, stats.Errors, ProxyError.BadRequest,
                string.IsNullOrEmpty(host) ? "the request has no Host" : $"the Host '{host}' is not a name and a port");
        }

        if (RequestTarget.IsTunnel(context))
        {
            return FailAsync(context, stats.Errors, ProxyError.BadRequest, RequestTarget.NoTunnels);
        }

        return services.TryFind(authority.Host, out var service) && service.IsLive && service.Model is not null
            ? ForwardAsync(context, service, authority.Port, arrived)
            : FindAndForwardAsync(context, authority.Host.ToString(), authority.Port, arrived);
    }

    private static Task FailAsync(HttpContext context, ErrorCounters counters, ProxyError error, string message)
    {
        counters.Count(error);
        return ErrorResponse.WriteAsync(context, error, message);
    }

    private async Task FindAndForwardAsync(HttpContext context, string host, int port, long arrived)
    {
        var found = await source.FindAsync(host, context.RequestAborted);
        if (found.Service is not null)
        {
            await ForwardAsync(context, found.Service, port, arrived);
        }
        else if (found.Failure == LookupFailure.ControlPlaneUnreachable)
        {
            await FailAsync(context, stats.Errors, ProxyError.NoEndpoints,
                $"nothing is known of '{host}', and the control plane cannot be asked; the proxy's admin page /readyz has more");
        }
        else
        {
            await FailAsync(context, stats.Errors, ProxyError.UnknownService, $"no service is called '{host}'; the proxy's admin page /snapshots lists the known ones");
        }
    }

    private async Task ForwardAsync(HttpContext context, ServiceState service, int port, long arrived)
    {
        service.Touch(arrived);
        var model = service.Model;
        if (model is null || model.IsDeleted || !model.AcceptsPort(port))
        {
            await FailAsync(context, service.Errors, ProxyError.UnknownService, model is null or { IsDeleted: true }
                ? $"the service {service.Name} does not exist"
                : $"the service {service.Name} has no port {port}; it declares {string.Join(", ", model.Spec!.Ports)}");
            return;
        }

        var rule = model.Routes.Find(context.Request);
        if (rule is null)
        {
            await FailAsync(context, service.Errors, ProxyError.NoRoute,
                $"no rule of {service.Name} (revision {model.Version.Revision}) matches {context.Request.Method} {context.Request.Path}");
            return;
        }

        var backend = rule.PickBackend(random);
        if (backend is null)
        {
            await FailAsync(context, service.Errors, ProxyError.NoEndpoints, $"rule '{rule.Name}' of {service.Name} has no backend with a weight above 0");
            return;
        }

        active.BeginOutbound();
        backend.Stats.Begin();
        var outcome = RequestStats.AbortedOutcome;
        try
        {
            outcome = await SendAsync(context, service, rule, backend, arrived);
        }
        finally
        {
            active.EndOutbound();
            backend.Stats.End(outcome, time.GetElapsedTime(arrived));
        }
    }

    /// <summary>Sends a request to a backend, and says what went wrong when no endpoint could answer it.</summary>
    /// <returns>The outcome for <see cref="RequestStats.End"/>.</returns>
    private async ValueTask<int> SendAsync(HttpContext context, ServiceState service, RuleModel rule, BackendModel backend, long arrived)
    {
        backend.Service.Touch(arrived);
        var model = backend.Service.Model;
        var failure = LookupFailure.None;
        if (model is null)
        {
            // Its rule may be newer than the subscription to it.
            var found = await source.FindAsync(backend.Service.Host, context.RequestAborted);
            model = found.Service?.Model;
            failure = found.Failure;
        }

        var (last, endpoint, tries) = model is null ? default : await loop.SendAsync(context, rule, backend, model, arrived);
        if (last.IsAborted)
        {
            return RequestStats.AbortedOutcome;
        }

        if (last.Error == ProxyError.Timeout)
        {
            return await FailForwardingAsync(context, service, last.Error, WhyTimeout(service, rule));
        }

        if (endpoint is null)
        {
            return await FailForwardingAsync(context, service, ProxyError.NoEndpoints, WhyNoEndpoint(backend.Service, failure));
        }

        if (last.Error is { } error)
        {
            var times = tries == 1 ? "" : $", the last of {tries} tries";
            return await FailForwardingAsync(context, service, error,
                $"endpoint '{endpoint.Endpoint.Id}' ({endpoint.Address}) of {backend.Service.Name}{times}: {last.Detail}; the proxy's admin page /endpoints has its state");
        }

        return context.Response.StatusCode;
    }

    private static async ValueTask<int> FailForwardingAsync(HttpContext context, ServiceState service, ProxyError error, string message)
    {
        await FailAsync(context, service.Errors, error, message);
        return error.Status;
    }

    private string WhyNoEndpoint(ServiceState backend, LookupFailure failure) => backend.Model switch
    {
        null when failure == LookupFailure.ControlPlaneUnreachable =>
            $"nothing is known of the service {backend.Name}, and the control plane cannot be asked; the proxy's admin page /readyz has more",
        null or { IsDeleted: true } => $"the service {backend.Name} does not exist",
        { Endpoints.All.Length: 0 } => $"the service {backend.Name} has no endpoints",
        { Endpoints: { Selectable: > 0 and var count, Outliers: { } outliers } } =>
            $"{AllOf(count)} of {backend.Name} {(count == 1 ? "is" : "are")} ejected for failing (outlierDetection); "
            + $"the next is probed in {outliers.NextProbeIn(time.GetTimestamp())?.TotalSeconds ?? 0:0.0} s; the proxy's admin page /endpoints lists them",
        var model => $"none of the {model.Endpoints.All.Length} endpoints of {backend.Name} is ready and has a weight; the proxy's admin page /endpoints lists them",
    };

    private static string AllOf(int count) => count == 1 ? "the only ready endpoint" : $"all {count} ready endpoints";

    private static string WhyTimeout(ServiceState service, RuleModel rule) =>
        $"rule '{rule.Name}' of {service.Name} allows {Limits(rule)}";

    private static string Limits(RuleModel rule) => (rule.RequestTimeout, rule.TryTimeout) switch
    {
        ({ } whole, { } one) => $"{whole.TotalSeconds} s for a request and {one.TotalSeconds} s for a try",
        ({ } whole, null) => $"{whole.TotalSeconds} s for a request",
        (_, var one) => $"{one?.TotalSeconds} s for a try",
    };
}
