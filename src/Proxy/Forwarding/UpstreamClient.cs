using System.Net;
using System.Text;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Resilience;
using Yarp.ReverseProxy.Forwarder;

namespace Mesh.Proxy.Forwarding;

/// <summary>The one HTTP client of the proxy: connections are pooled by endpoint and protocol, not by service.</summary>
internal sealed class UpstreamClient : IDisposable
{
    /// <summary>2 s: long enough for one lost SYN to be sent again, which happens after one second.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    private static readonly ForwarderRequestConfig Http1 = ConfigFor(HttpVersion.Version11);
    private static readonly ForwarderRequestConfig Http2 = ConfigFor(HttpVersion.Version20);

    public HttpMessageInvoker Invoker { get; } = new(
        new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            ConnectTimeout = ConnectTimeout,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),

            // An endpoint may be a DNS name whose address changes.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            EnableMultipleHttp2Connections = true,

            // A peer that vanished without a word would keep its streams open for ever.
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),

            // Header values pass through byte by byte; Kestrel is told the same.
            RequestHeaderEncodingSelector = SendMonitor.OnHeader,
            ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        },
        disposeHandler: true);

    public static ForwarderRequestConfig For(ServiceProtocol protocol) => protocol == ServiceProtocol.Http ? Http1 : Http2;

    public void Dispose() => Invoker.Dispose();

    private static ForwarderRequestConfig ConfigFor(Version version) => new()
    {
        Version = version,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,

        // Streams may be silent for as long as they like; a rule's time limits are the limits.
        ActivityTimeout = Timeout.InfiniteTimeSpan,
    };
}
