using System.Net.Sockets;
using Mesh.Proxy.Access;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Limits;
using Mesh.Proxy.Telemetry;
using Microsoft.AspNetCore.Connections;

namespace Mesh.Proxy.Tcp;

/// <summary>The connections from the mesh to an application that speaks opaque bytes (<c>Mesh:App:Protocol=Tcp</c>).</summary>
internal sealed partial class InboundTcpForwarder(
    AppOptions app, InboundTcpHandshake handshake, AccessGuard access, ActiveRequests active, LoadShedder shedder, ProxyStats stats, TimeProvider time, ILogger<InboundTcpForwarder> logger)
{
    private readonly LogLimit _limit = new(time, TimeSpan.FromSeconds(10));

    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        if (shedder.Judge(time.GetTimestamp()) is var reason and not ShedReason.None)
        {
            Refuse(connection, ProxyError.Overloaded, shedder.Explain(reason));
            return;
        }

        await access.WaitForPolicyAsync(CancellationToken.None);
        var (caller, refusal) = await handshake.AnswerAsync(connection);
        await using var secure = caller as SecureEnd;
        if (caller is null)
        {
            if (refusal is not null)
            {
                Refuse(connection, ProxyError.Forbidden, refusal);
            }

            return;
        }

        var (denial, request) = access.Admit(connection);
        if (denial is not null)
        {
            Refuse(connection, denial.Error, denial.Reason);
            return;
        }

        active.BeginInbound();
        try
        {
            using var application = new EndpointConnection(await EndpointSocket.ConnectAsync(app.Host, app.Port, ConnectionDefaults.ConnectTimeout, CancellationToken.None));
            stats.InboundTunnels.Begin();
            try
            {
                await TunnelPump.RunAsync(application, caller, stats.InboundTunnels);
            }
            finally
            {
                stats.InboundTunnels.End();
            }
        }
        catch (SocketException exception)
        {
            Refuse(connection, ProxyError.ConnectFailed, $"the application at {app.Host}:{app.Port} (Mesh:App:Port): {exception.Message}");
        }
        finally
        {
            access.Leave(request);
            active.EndInbound();
        }
    }

    private void Refuse(ConnectionContext connection, ProxyError error, string reason)
    {
        stats.InboundErrors.Count(error);
        if (_limit.TryPass())
        {
            LogNotPassedOn(connection.RemoteEndPoint, error.Code, reason);
        }

        connection.Abort(new ConnectionAbortedException(reason));
    }

    [LoggerMessage(2403, LogLevel.Warning, "A connection from {Caller} was closed, {Error}: {Reason}")]
    private partial void LogNotPassedOn(object? caller, string error, string reason);
}
