using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Mesh.Testing;

namespace Mesh.Proxy.Tests.Hosting;

/// <summary>
/// HTTP/2 with prior knowledge, frame by frame, for what no proper client would send (RFC 9113). Of headers it reads
/// only the status, which servers write first.
/// </summary>
internal sealed class Http2Connection : IDisposable
{
    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte Reset = 3;
    private const byte Settings = 4;
    private const byte GoAway = 7;
    private const byte WindowUpdate = 8;
    private const byte EndStream = 1;
    private const byte EndHeaders = 4;

    /// <summary>The statuses of HPACK's static table, from index 8 on (RFC 7541, appendix A).</summary>
    private static readonly int[] IndexedStatuses = [200, 204, 206, 304, 400, 404, 500];

    /// <summary>A frame that is not taken for so long is none that ever will be.</summary>
    private static readonly TimeSpan Stalled = TimeSpan.FromSeconds(2);

    private readonly TcpClient _client = new() { NoDelay = true };
    private readonly HashSet<int> _ended = [];
    private NetworkStream _stream = null!;

    public static async Task<Http2Connection> OpenAsync(int port)
    {
        var connection = new Http2Connection();
        await connection._client.ConnectAsync(IPAddress.Loopback, port);
        connection._stream = connection._client.GetStream();
        await connection._stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
        await connection.WriteAsync(Settings, 0, 0, []);
        return connection;
    }

    public Task SendHeadersAsync(int stream, bool endStream, params (string Name, string Value)[] headers)
    {
        var block = new MemoryStream();
        foreach (var (name, value) in headers)
        {
            // A literal that is not indexed, with a new name.
            block.WriteByte(0);
            WriteText(block, name);
            WriteText(block, value);
        }

        return WriteAsync(Headers, (byte)(EndHeaders | (endStream ? EndStream : 0)), stream, block.ToArray());
    }

    public Task SendDataAsync(int stream, byte[] data, bool endStream) => WriteAsync(Data, endStream ? EndStream : (byte)0, stream, data);

    /// <summary>Sends one frame as often as said, or until the other side ends the connection.</summary>
    /// <returns>How often.</returns>
    public async Task<int> FloodAsync(int times, byte type, byte flags, int stream, byte[] payload)
    {
        using var limit = new CancellationTokenSource();
        var frame = Frame(type, flags, stream, payload);
        var sent = 0;
        try
        {
            for (; sent < times; sent++)
            {
                limit.CancelAfter(Stalled);
                await _stream.WriteAsync(frame, limit.Token);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // It is over, or the other side reads no more until it has been read itself.
        }

        return sent;
    }

    public Task ResetAsync(int stream) => WriteAsync(Reset, 0, stream, [0, 0, 0, 8]);

    /// <summary>Lets as many bytes come as HTTP/2 can say: only this side's reading holds them up.</summary>
    public async Task OpenWindowsAsync()
    {
        await WriteAsync(Settings, 0, 0, [0, 4, 0x7F, 0xFF, 0xFF, 0xFF]);
        await WriteAsync(WindowUpdate, 0, 0, [0x7F, 0xFF, 0, 0]);
    }

    /// <returns>Whether the other side ended the connection.</returns>
    public async Task<bool> ReadToEndAsync()
    {
        try
        {
            while (await ReadAsync() is not null)
            {
                // What comes before it does not matter.
            }

            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <returns>The status of the answer; 0 when the stream was reset, or the connection ended, instead.</returns>
    public async Task<int> ReadStatusAsync(int stream)
    {
        while (await ReadAsync() is { } frame)
        {
            if (frame.Type == GoAway || (frame.Type == Reset && frame.Stream == stream))
            {
                return 0;
            }

            if (frame.Type == Headers && frame.Stream == stream)
            {
                return StatusOf(frame.Payload);
            }
        }

        return 0;
    }

    public async Task<string> ReadDataAsync(int stream, int length)
    {
        var text = new StringBuilder();
        while (text.Length < length && await ReadAsync() is { } frame)
        {
            if (frame.Type == Data && frame.Stream == stream)
            {
                text.Append(Encoding.Latin1.GetString(frame.Payload));
            }
        }

        return text.ToString();
    }

    /// <returns>Whether the stream ended as it should.</returns>
    public async Task<bool> ReadEndAsync(int stream)
    {
        while (!_ended.Contains(stream))
        {
            if (await ReadAsync() is not { } frame || (frame.Stream == stream && frame.Type == Reset))
            {
                return false;
            }
        }

        return true;
    }

    public void Dispose() => _client.Dispose();

    private static void WriteText(MemoryStream block, string text)
    {
        // Shorter than 127 bytes, and not Huffman-coded.
        block.WriteByte((byte)text.Length);
        block.Write(Encoding.Latin1.GetBytes(text));
    }

    private static int StatusOf(byte[] block)
    {
        // A change of the table's size may come first.
        var start = (block[0] & 0xE0) == 0x20 ? 1 : 0;
        return (block[start] & 0x80) != 0
            ? IndexedStatuses[(block[start] & 0x7F) - 8]
            : int.Parse(Encoding.ASCII.GetString(block, start + 2, 3), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static byte[] Frame(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        (frame[3], frame[4]) = (type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        return frame;
    }

    private async Task WriteAsync(byte type, byte flags, int stream, byte[] payload) => await _stream.WriteAsync(Frame(type, flags, stream, payload));

    private async Task<(byte Type, byte Flags, int Stream, byte[] Payload)?> ReadAsync()
    {
        using var limit = new CancellationTokenSource(Eventually.Deadline);
        try
        {
            var header = new byte[9];
            await _stream.ReadExactlyAsync(header, limit.Token);
            var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(header) >>> 8];
            await _stream.ReadExactlyAsync(payload, limit.Token);
            var stream = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(5));
            if (header[3] is Data or Headers && (header[4] & EndStream) != 0)
            {
                _ended.Add(stream);
            }

            return (header[3], header[4], stream, payload);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
