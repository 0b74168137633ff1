using System.Net;
using System.Text;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Resilience;
using Yarp.ReverseProxy.Forwarder;

namespace Mesh.Proxy.Forwarding;

/// <summary>An HTTP client of the proxy: connections are pooled by endpoint and protocol, not by service.</summary>
internal sealed class UpstreamClient : IDisposable
{
    private static readonly ForwarderRequestConfig Http1 = ConfigFor(HttpVersion.Version11);
    private static readonly ForwarderRequestConfig Http2 = ConfigFor(HttpVersion.Version20);

    /// <summary>The client of services without a policy.</summary>
    public UpstreamClient()
        : this(new ConnectionPolicy())
    {
    }

    public UpstreamClient(ConnectionPolicy policy)
    {
        ConnectTimeout = policy.ConnectTimeout ?? ConnectionDefaults.ConnectTimeout;
        IsLimited = policy.MaxPerEndpoint is not null;
        Invoker = new HttpMessageInvoker(CreateHandler(policy), disposeHandler: true);
    }

    public HttpMessageInvoker Invoker { get; }

    public TimeSpan ConnectTimeout { get; }

    /// <summary>Requests may have to wait for one of few connections.</summary>
    public bool IsLimited { get; }

    /// <summary>How an endpoint is spoken to.</summary>
    /// <param name="protocol">Not <see cref="ServiceProtocol.Auto"/>.</param>
    public static ForwarderRequestConfig For(ServiceProtocol protocol) =>
        protocol is ServiceProtocol.Http2 or ServiceProtocol.Grpc ? Http2 : Http1;

    public void Dispose() => Invoker.Dispose();

    private static ForwarderRequestConfig ConfigFor(Version version) => new()
    {
        Version = version,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,

        // Streams may be silent for as long as they like; a rule's time limits are the limits.
        ActivityTimeout = Timeout.InfiniteTimeSpan,
    };

    private SocketsHttpHandler CreateHandler(ConnectionPolicy policy) => new()
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        ActivityHeadersPropagator = null,
        ConnectTimeout = ConnectTimeout,
        MaxConnectionsPerServer = policy.MaxPerEndpoint ?? int.MaxValue,
        PooledConnectionIdleTimeout = policy.IdleTimeout ?? ConnectionDefaults.IdleTimeout,
        PooledConnectionLifetime = policy.Lifetime ?? ConnectionDefaults.Lifetime,
        EnableMultipleHttp2Connections = true,

        // A peer that vanished without a word would keep its streams open for ever.
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        KeepAlivePingDelay = TimeSpan.FromSeconds(30),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(10),

        // Header values pass through byte by byte; Kestrel is told the same.
        RequestHeaderEncodingSelector = SendMonitor.OnHeader,
        ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
    };
}
