using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Access;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Deadlines;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Limits;
using Mesh.Proxy.Listeners;
using Mesh.Proxy.Regions;
using Mesh.Proxy.Routing;
using Mesh.Proxy.Services;
using Mesh.Proxy.Tap;
using Mesh.Proxy.Telemetry;

namespace Mesh.Proxy.Forwarding;

/// <summary>
/// The life of a request that another region's proxy sends to this region's gateway. Rules have been applied where it
/// comes from; here it goes to an endpoint of the service it names, in this region and never on to a third one.
/// </summary>
internal sealed class GatewayPipeline(
    DataPathOptions options,
    ServiceTable services,
    IServiceSource source,
    SendingStep sending,
    LoadShedder shedder,
    ProxyStats stats,
    TapHub tap,
    Via via,
    TimeProvider time)
{
    private readonly RequestStats _sent = new();

    public async Task InvokeAsync(HttpContext context)
    {
        var arrived = time.GetTimestamp();
        if (shedder.Judge(arrived) is var reason and not ShedReason.None)
        {
            await ErrorResponse.FailAsync(context, stats.InboundErrors, ProxyError.Overloaded, shedder.Explain(reason), LoadShedder.RetryAfter);
            return;
        }

        stats.Inbound.Begin();
        var outcome = RequestStats.AbortedOutcome;
        try
        {
            await SendAsync(context, arrived);
            outcome = context.RequestAborted.IsCancellationRequested ? RequestStats.AbortedOutcome : context.Response.StatusCode;
        }
        finally
        {
            stats.Inbound.End(outcome, time.GetElapsedTime(arrived));
        }
    }

    private async Task SendAsync(HttpContext context, long arrived)
    {
        if (RequestTarget.IsTunnel(context))
        {
            await FailAsync(context, ProxyError.BadRequest, RequestTarget.NoTunnels);
            return;
        }

        if (RequestGuard.Check(context.Request) is { } problem)
        {
            await FailAsync(context, ProxyError.BadRequest, problem);
            return;
        }

        // Whoever reaches the gateway could have written it, and an endpoint without a proxy would believe it.
        context.Request.Headers.Remove(InboundGuard.Header);
        if (via.FindInboundLoop(context.Request.Headers.Via) is { } loop)
        {
            await FailAsync(context, ProxyError.Loop, loop);
            return;
        }

        var wanted = context.Request.Headers[BackendHeader.Name];
        if (!BackendHeader.TryParse(wanted.Count == 1 ? wanted[0] : null, out var name, out var labels))
        {
            await FailAsync(context, ProxyError.BadRequest,
                $"this is the gateway of a region, for proxies of other regions: the header {BackendHeader.Name} must be {BackendHeader.Rule}");
            return;
        }

        if (!DeadlineHeaders.TryRead(context.Request, out var allowed, out problem))
        {
            await FailAsync(context, ProxyError.BadRequest, problem);
            return;
        }

        if (allowed == TimeSpan.Zero)
        {
            await FailAsync(context, ProxyError.DeadlineExceeded, FailureText.NoTime);
            return;
        }

        if (await FindAsync(context, name) is { } service)
        {
            // The application is not to see it.
            context.Request.Headers.Remove(BackendHeader.Name);
            await sending.InvokeAsync(CallOf(context, service, labels, arrived, new TimeLimits(arrived, allowed, rule: null)));
        }
    }

    /// <returns>Null when the request has been answered.</returns>
    private async ValueTask<ServiceState?> FindAsync(HttpContext context, ServiceName name)
    {
        var failure = LookupFailure.UnknownService;
        if (!services.TryGet(name, out var service) || !service.IsFresh)
        {
            var found = await ListenerFeature.TakingBackAsync(context, source.FindAsync($"{name.Name}.{name.Namespace}", context.RequestAborted));
            (service, failure) = (found.Service, found.Failure);
        }

        // An alias must not step in for a service that does not exist.
        if (service?.Name != name || service.Model is not { IsDeleted: false } model)
        {
            await (failure == LookupFailure.ControlPlaneUnreachable
                ? FailAsync(context, ProxyError.NoEndpoints, FailureText.NothingKnown(name.ToString()))
                : FailAsync(context, ProxyError.UnknownService, $"the service {name} does not exist in this region"));
            return null;
        }

        if (model.Spec!.Protocol == ServiceProtocol.Tcp)
        {
            await FailAsync(context, ProxyError.BadRequest, $"the service {name} speaks no HTTP (protocol tcp), and gateways forward nothing else");
            return null;
        }

        // The endpoint is called as the gateway, which must not vouch for somebody who has proved nothing to it.
        if (options.Identity.IsEnabled
            && context.Features.Get<CallingPeer>() is null
            && (model.Spec.Mtls == MtlsMode.Strict || !AccessModel.IsOpen(model.Spec.Access, model.Namespace.Settings)))
        {
            await FailAsync(context, ProxyError.Forbidden,
                $"{name} asks who calls (its \"mtls\", its \"access\" or its namespace's), and this call to the gateway is not by mutual TLS; give the caller's proxy an identity (Mesh:Identity)");
            return null;
        }

        return service;
    }

    private OutboundCall CallOf(HttpContext context, ServiceState service, LabelSet? labels, long arrived, TimeLimits limits)
    {
        var backend = new BackendModel(service, 1, _sent) { RequiredLabels = labels, Scope = PoolScope.OwnRegion };
        var call = new OutboundCall
        {
            Context = context,
            Arrived = arrived,
            Service = service,
            Rule = new RuleModel("", [backend]),
            Backend = backend,
            Limits = limits,
            Via = via.Inbound,
            Errors = stats.InboundErrors,
            IsFromPeer = true,
        };
        if (tap.IsOn)
        {
            context.Features.Set(call);
        }

        return call;
    }

    private Task<int> FailAsync(HttpContext context, ProxyError error, string message) =>
        ErrorResponse.FailAsync(context, stats.InboundErrors, error, message);
}
