using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Proxy.Listeners;

/// <summary>
/// Lets several protocols share a port: looks at a connection's first bytes, without consuming them, and tells
/// Kestrel the protocol. Kestrel itself always takes a cleartext connection for HTTP/1.1.
/// </summary>
/// <remarks>
/// Kestrel reads the protocol of a connection from an internal feature. <see cref="Create"/> finds it when the proxy
/// starts and refuses to go on without it, so that a change in a later Kestrel shows at once.
/// </remarks>
internal sealed class ProtocolSniffer
{
    private const string FeatureTypeName = "Microsoft.AspNetCore.Server.Kestrel.Core.Internal.HttpProtocolsFeature";

    /// <summary>As long as Kestrel lets a connection be idle before its first request.</summary>
    private static readonly TimeSpan FirstBytesLimit = TimeSpan.FromSeconds(130);

    private readonly Type _featureType;
    private readonly object _http2;

    private ProtocolSniffer(Type featureType, object http2)
    {
        _featureType = featureType;
        _http2 = http2;
    }

    /// <summary>How every HTTP/2 connection starts (RFC 9113, section 3.4); the first of its two parts is enough.</summary>
    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n"u8;

    private static ReadOnlySpan<byte> Connect => "CONNECT "u8;

    /// <summary>A record of type handshake, and the first byte of every version so far (RFC 8446, section 5.1).</summary>
    private static ReadOnlySpan<byte> Handshake => [0x16, 0x03];

    /// <exception cref="ListenerException">This version of Kestrel has no such feature.</exception>
    public static ProtocolSniffer Create()
    {
        var type = typeof(KestrelServerOptions).Assembly.GetType(FeatureTypeName);
        var constructor = type?.GetConstructor([typeof(HttpProtocols)])
            ?? throw new ListenerException(
                $"HTTP/1.1 and HTTP/2 cannot share a port: this version of ASP.NET Core has no {FeatureTypeName}. Run the proxy on .NET 10.");
        return new ProtocolSniffer(type!, constructor.Invoke([HttpProtocols.Http2]));
    }

    /// <summary>Waits for the first bytes and looks at them.</summary>
    /// <returns>Null when the peer left or never said anything, or when the proxy is shutting down.</returns>
    public static async ValueTask<ConnectionStart?> SniffAsync(ConnectionContext connection)
    {
        try
        {
            // Shutting down must not wait for a connection that says nothing.
            var closing = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(closing);
            limit.CancelAfter(FirstBytesLimit);
            return await SniffAsync(connection.Transport.Input, limit.Token);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Makes Kestrel take the connection for HTTP/2.</summary>
    public void SetHttp2(ConnectionContext connection) => connection.Features[_featureType] = _http2;

    /// <summary>The same, of bytes that come from elsewhere.</summary>
    /// <exception cref="IOException">The peer left.</exception>
    public static async ValueTask<ConnectionStart> SniffAsync(PipeReader input, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await input.ReadAsync(cancellationToken);
            var start = Compare(read.Buffer);
            if (start is null && read.IsCompleted)
            {
                start = ConnectionStart.Http1;
            }

            input.AdvanceTo(read.Buffer.Start, start is null ? read.Buffer.End : read.Buffer.Start);
            if (start is { } known)
            {
                return known;
            }
        }
    }

    /// <returns>Null when there are too few bytes yet.</returns>
    private static ConnectionStart? Compare(in ReadOnlySequence<byte> buffer)
    {
        Span<byte> copy = stackalloc byte[Preface.Length];
        var length = (int)Math.Min(buffer.Length, copy.Length);
        buffer.Slice(0, length).CopyTo(copy);
        ReadOnlySpan<byte> start = copy[..length];
        return start.StartsWith(Preface) ? ConnectionStart.Http2
            : start.StartsWith(Connect) ? ConnectionStart.Connect
            : start.StartsWith(Handshake) ? ConnectionStart.Tls
            : Preface.StartsWith(start) || Connect.StartsWith(start) || Handshake.StartsWith(start) ? null
            : ConnectionStart.Http1;
    }
}
