using Mesh.Abstractions.Naming;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Routing;
using Mesh.Proxy.Services;
using Mesh.Proxy.Telemetry;
using Yarp.ReverseProxy.Forwarder;

namespace Mesh.Proxy.Forwarding;

/// <summary>
/// The life of an application's request to the mesh: authority, service, rule, backend, endpoint, forwarding,
/// measuring. Every way it can fail ends in one of the proxy's own errors.
/// </summary>
internal sealed class OutboundPipeline(
    ServiceTable services,
    IServiceSource source,
    IHttpForwarder forwarder,
    UpstreamClient client,
    TimeoutPool timeouts,
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

    /// <summary>Sends a request to one endpoint of a backend; tries after the first belong here.</summary>
    /// <returns>The outcome for <see cref="RequestStats.End"/>.</returns>
    private async ValueTask<int> SendAsync(HttpContext context, ServiceState service, RuleModel rule, BackendModel backend, long arrived)
    {
        backend.Service.Touch(arrived);
        var pool = backend.Service.Model?.Endpoints;
        var failure = LookupFailure.None;
        if (pool is null)
        {
            // Its rule may be newer than the subscription to it.
            var found = await source.FindAsync(backend.Service.Host, context.RequestAborted);
            pool = found.Service?.Model?.Endpoints;
            failure = found.Failure;
        }

        if (pool?.Pick(time.GetTimestamp()) is not { } endpoint)
        {
            return await FailForwardingAsync(context, service, ProxyError.NoEndpoints, WhyNoEndpoint(backend.Service, failure));
        }

        var limit = TimeLimit(rule, arrived);
        if (limit <= TimeSpan.Zero)
        {
            return await FailForwardingAsync(context, service, ProxyError.Timeout, WhyTimeout(service, rule));
        }

        var result = await TryAsync(context, rule, endpoint, limit);
        if (result.IsAborted)
        {
            return RequestStats.AbortedOutcome;
        }

        if (result.Error is { } error)
        {
            return await FailForwardingAsync(context, service, error, error == ProxyError.Timeout
                ? WhyTimeout(service, rule)
                : $"endpoint '{endpoint.Endpoint.Id}' ({endpoint.Address}) of {backend.Service.Name}: {result.Detail}; the proxy's admin page /endpoints has its state");
        }

        return context.Response.StatusCode;
    }

    private static async ValueTask<int> FailForwardingAsync(HttpContext context, ServiceState service, ProxyError error, string message)
    {
        await FailAsync(context, service.Errors, error, message);
        return error.Status;
    }

    private async ValueTask<TryResult> TryAsync(HttpContext context, RuleModel rule, UpstreamEndpoint endpoint, TimeSpan? limit)
    {
        var upstream = new UpstreamTry(endpoint, rule, time);
        if (limit is not { } bounded)
        {
            return await upstream.SendAsync(context, forwarder, client, CancellationToken.None);
        }

        var timeout = timeouts.Rent(bounded);
        try
        {
            return await upstream.SendAsync(context, forwarder, client, timeout.Token);
        }
        finally
        {
            timeouts.Return(timeout);
        }
    }

    /// <summary>What is left of the rule's limits for a try that starts now; null for no limit.</summary>
    private TimeSpan? TimeLimit(RuleModel rule, long arrived)
    {
        if (rule.RequestTimeout is not { } whole)
        {
            return rule.TryTimeout;
        }

        var left = whole - time.GetElapsedTime(arrived);
        return rule.TryTimeout < left ? rule.TryTimeout : left;
    }

    private static string WhyNoEndpoint(ServiceState backend, LookupFailure failure) => backend.Model switch
    {
        null when failure == LookupFailure.ControlPlaneUnreachable =>
            $"nothing is known of the service {backend.Name}, and the control plane cannot be asked; the proxy's admin page /readyz has more",
        null or { IsDeleted: true } => $"the service {backend.Name} does not exist",
        { Endpoints.All.Length: 0 } => $"the service {backend.Name} has no endpoints",
        var model => $"none of the {model.Endpoints.All.Length} endpoints of {backend.Name} is ready and has a weight; the proxy's admin page /endpoints lists them",
    };

    private static string WhyTimeout(ServiceState service, RuleModel rule) =>
        $"rule '{rule.Name}' of {service.Name} allows {Limits(rule)}";

    private static string Limits(RuleModel rule) => (rule.RequestTimeout, rule.TryTimeout) switch
    {
        ({ } whole, { } one) => $"{whole.TotalSeconds} s for a request and {one.TotalSeconds} s for a try",
        ({ } whole, null) => $"{whole.TotalSeconds} s for a request",
        (_, var one) => $"{one?.TotalSeconds} s for a try",
    };
}
