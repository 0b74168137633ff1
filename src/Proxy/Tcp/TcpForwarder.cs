using Mesh.Abstractions.Naming;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Limits;
using Mesh.Proxy.Services;
using Mesh.Proxy.Telemetry;
using Microsoft.AspNetCore.Connections;

namespace Mesh.Proxy.Tcp;

/// <summary>
/// The connections of ports that belong to a service of opaque bytes (<c>Mesh:Tcp</c>). One that cannot be passed on
/// is closed; the log says why.
/// </summary>
internal sealed partial class TcpForwarder(
    ServiceTable services, IServiceSource source, TunnelDialer dialer, LoadShedder shedder, TimeProvider time, ILogger<TcpForwarder> logger)
{
    private readonly LogLimit _limit = new(time, TimeSpan.FromSeconds(10));

    public async Task OnConnectionAsync(ConnectionContext connection, ServiceName name)
    {
        var (tunnel, error, detail) = await OpenAsync(name);
        if (error is not null)
        {
            services.GetOrAdd(name).Errors.Count(error);
            if (_limit.TryPass())
            {
                LogNotPassedOn(connection.RemoteEndPoint, name, error.Code, detail);
            }

            connection.Abort(new ConnectionAbortedException(detail));
            return;
        }

        using (tunnel)
        {
            await tunnel!.RunAsync(new ConnectionEnd(connection));
        }
    }

    private async ValueTask<TunnelResult> OpenAsync(ServiceName name)
    {
        if (shedder.Judge(time.GetTimestamp()) is var reason and not ShedReason.None)
        {
            return TunnelResult.Failed(ProxyError.Overloaded, shedder.Explain(reason));
        }

        var service = services.GetOrAdd(name);
        if (service is not { IsFresh: true })
        {
            var found = await source.FindAsync(service.Host, CancellationToken.None);
            if (found.Service is null)
            {
                return found.Failure == LookupFailure.ControlPlaneUnreachable
                    ? TunnelResult.Failed(ProxyError.NoEndpoints, FailureText.NothingKnown(service.Host))
                    : TunnelResult.Failed(ProxyError.UnknownService, FailureText.UnknownHost(service.Host));
            }

            // Meanwhile it may have been forgotten and added again.
            service = found.Service;
        }

        if (service.Model is not { IsDeleted: false } model)
        {
            return TunnelResult.Failed(ProxyError.UnknownService, FailureText.NotServed(service, port: 0));
        }

        return TunnelRule.Find(model) is { } rule
            ? await dialer.DialAsync(service, rule, CancellationToken.None)
            : TunnelResult.Failed(ProxyError.NoRoute, $"the rules of {name} are about requests; a service with a port of its own may have only rules with backends");
    }

    [LoggerMessage(2402, LogLevel.Warning, "A connection from {Caller} for {Service} was closed, {Error}: {Reason}")]
    private partial void LogNotPassedOn(object? caller, ServiceName service, string error, string reason);
}
