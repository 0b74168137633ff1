using Mesh.Abstractions.Naming;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Routing;
using Mesh.Proxy.Services;
using Mesh.Proxy.Telemetry;

namespace Mesh.Proxy.Tcp;

/// <summary>
/// A CONNECT request (RFC 9110, section 9.3.6), from its authority to a tunnel. Only to services of the mesh, and only
/// by their rules: the proxy is no way out to other addresses.
/// </summary>
internal sealed class ConnectStep(ServiceTable services, IServiceSource source, TunnelDialer dialer, CallerIdentity caller, Via via, ProxyStats stats)
{
    public async ValueTask<TunnelResult> OpenAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var host = request.Host.Value;
        if (string.IsNullOrEmpty(host) || !Authority.TryParse(host, out var authority))
        {
            return Fail(stats.Errors, ProxyError.BadRequest, $"the target '{host}' of CONNECT is not a name and a port");
        }

        var (name, port) = (authority.Host.ToString(), authority.Port);
        if (!services.TryFind(name, out var service) || !service.IsFresh)
        {
            var found = await source.FindAsync(name, cancellationToken);
            service = found.Service;
            if (service is null)
            {
                return found.Failure == LookupFailure.ControlPlaneUnreachable
                    ? Fail(stats.Errors, ProxyError.NoEndpoints, FailureText.NothingKnown(name))
                    : Fail(stats.Errors, ProxyError.UnknownService, FailureText.UnknownHost(name));
            }
        }

        if (service.Model is not { IsDeleted: false } model || !model.AcceptsPort(port))
        {
            return Fail(service.Errors, ProxyError.UnknownService, FailureText.NotServed(service, port));
        }

        if (Via.FindLoop(request.Headers.Via, via.EntryOf(service)) is { } loop)
        {
            return Fail(service.Errors, ProxyError.Loop, loop);
        }

        if (TunnelRule.Find(model, request, caller) is not { } rule)
        {
            return Fail(service.Errors, ProxyError.NoRoute,
                $"the rules of {service.Name} are about requests, which a tunnel would hide from them; send the requests themselves, or add a rule that matches the method CONNECT");
        }

        var result = await dialer.DialAsync(service, rule, cancellationToken);
        return result.Error is null ? result : Fail(service.Errors, result.Error, result.Detail);
    }

    private static TunnelResult Fail(ErrorCounters counters, ProxyError error, string detail)
    {
        counters.Count(error);
        return TunnelResult.Failed(error, detail);
    }
}
