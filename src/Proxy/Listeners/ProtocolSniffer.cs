using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Proxy.Listeners;

/// <summary>
/// Lets HTTP/1.1 and HTTP/2 with prior knowledge share a cleartext port: looks at a connection's first bytes, without
/// consuming them, and tells Kestrel the protocol. Kestrel itself always takes such a connection for HTTP/1.1.
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

    /// <exception cref="ListenerException">This version of Kestrel has no such feature.</exception>
    public static ProtocolSniffer Create()
    {
        var type = typeof(KestrelServerOptions).Assembly.GetType(FeatureTypeName);
        var constructor = type?.GetConstructor([typeof(HttpProtocols)])
            ?? throw new ListenerException(
                $"HTTP/1.1 and HTTP/2 cannot share a port: this version of ASP.NET Core has no {FeatureTypeName}. Run the proxy on .NET 10.");
        return new ProtocolSniffer(type!, constructor.Invoke([HttpProtocols.Http2]));
    }

    public async Task OnConnectionAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        bool isHttp2;
        try
        {
            // Shutting down must not wait for a connection that says nothing.
            var closing = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(closing);
            limit.CancelAfter(FirstBytesLimit);
            isHttp2 = await StartsWithPrefaceAsync(connection.Transport.Input, limit.Token);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The peer left or never said anything, or the proxy is shutting down.
            return;
        }

        if (isHttp2)
        {
            connection.Features[_featureType] = _http2;
        }

        await next(connection);
    }

    private static async ValueTask<bool> StartsWithPrefaceAsync(PipeReader input, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await input.ReadAsync(cancellationToken);
            var (matches, isDecided) = Compare(read.Buffer);
            isDecided |= read.IsCompleted;
            input.AdvanceTo(read.Buffer.Start, isDecided ? read.Buffer.Start : read.Buffer.End);
            if (isDecided)
            {
                return matches;
            }
        }
    }

    private static (bool Matches, bool IsDecided) Compare(in ReadOnlySequence<byte> buffer)
    {
        Span<byte> start = stackalloc byte[Preface.Length];
        var length = (int)Math.Min(buffer.Length, start.Length);
        buffer.Slice(0, length).CopyTo(start);
        return start[..length].SequenceEqual(Preface[..length])
            ? (length == Preface.Length, length == Preface.Length)
            : (false, true);
    }
}
