using System.Net.Sockets;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Tcp;

namespace Mesh.Proxy.Forwarding;

/// <summary>
/// Finds out by a connection of its own whether an endpoint speaks HTTP/2 with prior knowledge: a client's preface is
/// answered with SETTINGS by who does (RFC 9113, section 3.4), and with an error, or not at all, by who does not.
/// </summary>
internal static class ProtocolProbe
{
    /// <summary>The first frame's length, type, flags and stream.</summary>
    private const int FrameHeader = 9;
    private const byte SettingsFrame = 4;

    /// <summary>1 s: an endpoint that has accepted a connection and says nothing hangs.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(1);

    /// <summary>The preface and an empty SETTINGS frame.</summary>
    private static ReadOnlyMemory<byte> Hello { get; } = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0"u8.ToArray();

    /// <returns><see cref="ServiceProtocol.Http2"/> or <see cref="ServiceProtocol.Http"/>.</returns>
    /// <exception cref="SocketException">No connection could be made, or the endpoint keeps silent.</exception>
    public static async Task<ServiceProtocol> AskAsync(string host, int port, TimeSpan connectTimeout)
    {
        using var socket = await EndpointSocket.ConnectAsync(host, port, connectTimeout, CancellationToken.None);
        await using var stream = new NetworkStream(socket, ownsSocket: false);
        using var limit = new CancellationTokenSource(AnswerLimit);
        var answer = new byte[FrameHeader];
        try
        {
            await stream.WriteAsync(Hello, limit.Token);
            var count = await stream.ReadAtLeastAsync(answer, FrameHeader, throwOnEndOfStream: false, limit.Token);
            return count == FrameHeader && IsSettings(answer) ? ServiceProtocol.Http2 : ServiceProtocol.Http;
        }
        catch (IOException)
        {
            // Some servers just hang up on what is no HTTP/1.1.
            return ServiceProtocol.Http;
        }
        catch (OperationCanceledException)
        {
            throw new SocketException((int)SocketError.TimedOut,
                $"it does not answer an HTTP/2 preface within {AnswerLimit.TotalSeconds} s; if it is well, declare the service's protocol instead of 'auto'");
        }
    }

    private static bool IsSettings(ReadOnlySpan<byte> frame) =>
        frame[3] == SettingsFrame && frame[4] == 0 && frame[5..].IndexOfAnyExcept((byte)0) < 0;
}
