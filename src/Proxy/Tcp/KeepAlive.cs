using System.Net.Sockets;

namespace Mesh.Proxy.Tcp;

/// <summary>Finds out that a peer has vanished without a word, whose tunnel would else stay open for ever: after 2 min at most.</summary>
internal static class KeepAlive
{
    /// <summary>60 s of silence before the first question; Linux would wait for 2 h.</summary>
    private const int IdleSeconds = 60;

    /// <summary>10 s between questions without an answer.</summary>
    private const int IntervalSeconds = 10;

    private const int Questions = 6;

    /// <param name="socket">One that is closed already is left alone.</param>
    public static void Enable(Socket socket)
    {
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, IdleSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, IntervalSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Questions);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Whoever reads from it learns that it is closed.
        }
    }
}
