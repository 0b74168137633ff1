using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Mesh.Proxy.Tests.Hosting;

/// <summary>An HTTP/2 server that looks at no request: it refuses each stream, or says GOAWAY, once a request has begun (RFC 9113).</summary>
internal sealed class RefusingHttp2 : IDisposable
{
    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte Reset = 3;
    private const byte Settings = 4;
    private const byte GoAway = 7;
    private const int RefusedStream = 7;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly bool _saysGoAway;
    private readonly bool _afterBody;
    private int _refused;

    /// <param name="saysGoAway">Closes the connection with a GOAWAY instead of refusing the stream.</param>
    /// <param name="afterBody">Waits for the first bytes of the body.</param>
    public RefusingHttp2(bool saysGoAway, bool afterBody)
    {
        _saysGoAway = saysGoAway;
        _afterBody = afterBody;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Refused => Volatile.Read(ref _refused);

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception exception) when (exception is SocketException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        try
        {
            var stream = client.GetStream();
            await stream.ReadExactlyAsync(new byte[24]);
            await WriteAsync(stream, Settings, 0, []);
            while (true)
            {
                var head = new byte[9];
                await stream.ReadExactlyAsync(head);
                var length = (head[0] << 16) | (head[1] << 8) | head[2];
                await stream.ReadExactlyAsync(new byte[length]);
                var id = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5));
                if (head[3] == Settings && head[4] == 0)
                {
                    await WriteAsync(stream, Settings, 0, [], flags: 1);
                }
                else if (head[3] == (_afterBody ? Data : Headers))
                {
                    Interlocked.Increment(ref _refused);
                    if (_saysGoAway)
                    {
                        // The last stream it has looked at is none.
                        await WriteAsync(stream, GoAway, 0, new byte[8]);

                        // Closing with something unread would reset the connection, and the reset may overtake what was said.
                        client.Client.Shutdown(SocketShutdown.Send);
                        await stream.CopyToAsync(Stream.Null);
                        return;
                    }

                    var code = new byte[4];
                    BinaryPrimitives.WriteInt32BigEndian(code, RefusedStream);
                    await WriteAsync(stream, Reset, id, code);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
        {
            // The other side has closed.
        }
    }

    private static async Task WriteAsync(NetworkStream stream, byte type, int id, byte[] payload, byte flags = 0)
    {
        var frame = new byte[9 + payload.Length];
        frame[2] = (byte)payload.Length;
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), id);
        payload.CopyTo(frame, 9);
        await stream.WriteAsync(frame);
    }
}
