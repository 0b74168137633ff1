using System.Net.Sockets;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Telemetry;
using Microsoft.AspNetCore.Connections;

namespace Mesh.Proxy.Tcp;

/// <summary>The connections from the mesh to an application that speaks opaque bytes (<c>Mesh:App:Protocol=Tcp</c>).</summary>
internal sealed partial class InboundTcpForwarder(
    AppOptions app, ActiveRequests active, ProxyStats stats, TimeProvider time, ILogger<InboundTcpForwarder> logger)
{
    private readonly LogLimit _limit = new(time, TimeSpan.FromSeconds(10));

    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        active.BeginInbound();
        try
        {
            using var socket = await EndpointSocket.ConnectAsync(app.Host, app.Port, ConnectionDefaults.ConnectTimeout, CancellationToken.None);
            stats.InboundTunnels.Begin();
            try
            {
                await TunnelPump.RunAsync(socket, new ConnectionEnd(connection), stats.InboundTunnels);
            }
            finally
            {
                stats.InboundTunnels.End();
            }
        }
        catch (SocketException exception)
        {
            stats.InboundErrors.Count(ProxyError.ConnectFailed);
            if (_limit.TryPass())
            {
                LogNotPassedOn(connection.RemoteEndPoint, app.Host, app.Port, exception.Message);
            }

            connection.Abort(new ConnectionAbortedException(exception.Message));
        }
        finally
        {
            active.EndInbound();
        }
    }

    [LoggerMessage(2403, LogLevel.Warning, "A connection from {Caller} was closed: the application at {Host}:{Port} (Mesh:App:Port): {Reason}")]
    private partial void LogNotPassedOn(object? caller, string host, int port, string reason);
}
