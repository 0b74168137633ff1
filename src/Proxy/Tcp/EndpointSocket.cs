using System.Net.Sockets;

namespace Mesh.Proxy.Tcp;

/// <summary>Connections to endpoints for what is not HTTP.</summary>
internal static class EndpointSocket
{
    /// <exception cref="SocketException">No connection could be made in time.</exception>
    /// <exception cref="OperationCanceledException">It is no longer needed.</exception>
    public static async ValueTask<Socket> ConnectAsync(string host, int port, TimeSpan limit, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timer.CancelAfter(limit);
        try
        {
            KeepAlive.Enable(socket);
            await socket.ConnectAsync(host, port, timer.Token);
            return socket;
        }
        catch (Exception exception)
        {
            socket.Dispose();
            if (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                throw new SocketException((int)SocketError.TimedOut, $"no connection within {limit.TotalSeconds} s");
            }

            throw;
        }
    }
}
