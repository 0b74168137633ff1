using Mesh.Abstractions.Naming;
using Mesh.Proxy.Limits;
using Mesh.Proxy.Listeners;
using Mesh.Proxy.Regions;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Services;
using Mesh.Proxy.Tcp;
using Mesh.Proxy.Telemetry;

namespace Mesh.Proxy.Forwarding;

/// <summary>
/// The life of an application's request to the mesh. Here it is checked and its service found;
/// <see cref="RoutingStep"/> finds rule and backend, <see cref="SendingStep"/> sends it. Every way it can fail ends in
/// one of the proxy's own errors.
/// </summary>
internal sealed class OutboundPipeline(
    ServiceTable services,
    IServiceSource source,
    RoutingStep routing,
    Http2Connect connect,
    LoadShedder shedder,
    ProxyStats stats,
    TimeProvider time)
{
    public Task InvokeAsync(HttpContext context)
    {
        var arrived = time.GetTimestamp();
        if (shedder.Judge(arrived) is var reason and not ShedReason.None)
        {
            return ErrorResponse.FailAsync(context, stats.Errors, ProxyError.Overloaded, shedder.Explain(reason), LoadShedder.RetryAfter);
        }

        var host = context.Request.Host.Value;
        if (string.IsNullOrEmpty(host) || !Authority.TryParse(host, out var authority))
        {
            return FailAsync(context, ProxyError.BadRequest,
                string.IsNullOrEmpty(host) ? "the request has no Host" : $"the Host '{host}' is not a name and a port");
        }

        // Between proxies only: a gateway would believe it. And what the other side's application is told of the caller.
        context.Request.Headers.Remove(InboundGuard.Header);
        context.Request.Headers.Remove(BackendHeader.Name);
        if (RequestTarget.IsTunnel(context))
        {
            return connect.InvokeAsync(context);
        }

        if (RequestGuard.Check(context.Request) is { } problem)
        {
            return FailAsync(context, ProxyError.BadRequest, problem);
        }

        return services.TryFind(authority.Host, out var service) && service.IsFresh
            ? routing.InvokeAsync(context, service, authority.Port, arrived)
            : FindAndRouteAsync(context, authority.Host.ToString(), authority.Port, arrived);
    }

    private async Task FindAndRouteAsync(HttpContext context, string host, int port, long arrived)
    {
        var found = await ListenerFeature.TakingBackAsync(context, source.FindAsync(host, context.RequestAborted));
        if (found.Service is not null)
        {
            await routing.InvokeAsync(context, found.Service, port, arrived);
        }
        else if (found.Failure == LookupFailure.ControlPlaneUnreachable)
        {
            await FailAsync(context, ProxyError.NoEndpoints, FailureText.NothingKnown(host));
        }
        else
        {
            await FailAsync(context, ProxyError.UnknownService, FailureText.UnknownHost(host));
        }
    }

    private Task<int> FailAsync(HttpContext context, ProxyError error, string message) =>
        ErrorResponse.FailAsync(context, stats.Errors, error, message);
}
