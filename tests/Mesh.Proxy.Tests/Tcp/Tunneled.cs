using System.Net;
using System.Net.Sockets;
using System.Text;
using Mesh.Testing;

namespace Mesh.Proxy.Tests.Tcp;

/// <summary>A caller's end of a tunnel; every wait has a deadline.</summary>
internal sealed class Tunneled : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    public static async Task<Tunneled> ConnectAsync(int port)
    {
        var tunneled = new Tunneled();
        try
        {
            await tunneled._socket.ConnectAsync(IPAddress.Loopback, port);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
        {
            // Whoever listens has taken the connection and broken it before this side heard of the former; the next read says so.
        }

        return tunneled;
    }

    public static async Task<string> ReadToEndAsync(Socket socket)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer).WaitAsync(Eventually.Deadline, TimeProvider.System) is > 0 and var count)
        {
            text.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }

        return text.ToString();
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(byte[] bytes) => await _socket.SendAsync(bytes);

    public void FinishSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Sends, and receives as much.</summary>
    public async Task<string> ExchangeAsync(string text)
    {
        await SendAsync(text);
        return await ReadAsync(text.Length);
    }

    public async Task<string> ReadAsync(int length)
    {
        var buffer = new byte[length];
        var total = 0;
        while (total < length && await _socket.ReceiveAsync(buffer.AsMemory(total)).AsTask().WaitAsync(Eventually.Deadline, TimeProvider.System) is > 0 and var count)
        {
            total += count;
        }

        return Encoding.Latin1.GetString(buffer, 0, total);
    }

    /// <summary>Up to and with the empty line.</summary>
    public async Task<string> ReadHeadAsync()
    {
        var head = "";
        while (!head.EndsWith("\r\n\r\n", StringComparison.Ordinal) && await ReadAsync(1) is { Length: 1 } next)
        {
            head += next;
        }

        return head;
    }

    /// <exception cref="SocketException">The connection broke.</exception>
    public Task<string> ReadToEndAsync() => ReadToEndAsync(_socket);

    /// <summary>As above, but a connection that breaks is an end, too.</summary>
    public async Task<string> ReadWhatComesAsync()
    {
        try
        {
            return await ReadToEndAsync();
        }
        catch (SocketException)
        {
            return "";
        }
    }

    public void Dispose() => _socket.Dispose();
}
