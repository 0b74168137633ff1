using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mesh.Proxy.Tests.Hosting;

/// <summary>A server on loopback that does with each connection what the test says.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<Socket, Task> _serve;
    private readonly ConcurrentBag<Task> _serving = [];
    private readonly ConcurrentBag<Socket> _open = [];
    private readonly Task _accepting;

    public RawServer(Func<Socket, Task> serve)
    {
        _serve = serve;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How many connections there were.</summary>
    public int Accepted { get; private set; }

    /// <summary>A server that sends back what it gets, and closes its side when the caller has closed the other.</summary>
    public static RawServer Echo() => new(static async socket =>
    {
        var buffer = new byte[64 * 1024];
        while (await socket.ReceiveAsync(buffer) is > 0 and var count)
        {
            await socket.SendAsync(buffer.AsMemory(0, count));
        }

        socket.Shutdown(SocketShutdown.Send);
    });

    /// <summary>A server that answers the head of every request with the same bytes and hangs up.</summary>
    public static RawServer Answering(string answer) => new(async socket =>
    {
        await ReadHeadAsync(socket);
        await socket.SendAsync(Encoding.Latin1.GetBytes(answer));
    });

    public static async Task<string> ReadHeadAsync(Socket socket)
    {
        var head = new StringBuilder();
        var buffer = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await socket.ReceiveAsync(buffer) > 0)
        {
            head.Append((char)buffer[0]);
        }

        return head.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
        foreach (var socket in _open)
        {
            socket.Dispose();
        }

        await Task.WhenAll(_serving);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync();
                Accepted++;
                _open.Add(socket);
                _serving.Add(ServeAsync(socket));
            }
        }
        catch (Exception exception) when (exception is SocketException or InvalidOperationException)
        {
            // The test is over; which of the two it is depends on whether an accept was under way.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                await _serve(socket);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // The other side left, or the test is over.
            }
        }
    }
}
