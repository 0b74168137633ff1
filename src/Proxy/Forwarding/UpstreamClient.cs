using System.Net;
using System.Text;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Resilience;
using Yarp.ReverseProxy.Forwarder;

namespace Mesh.Proxy.Forwarding;

/// <summary>An HTTP client of the proxy: connections are pooled by endpoint and protocol, not by service.</summary>
internal sealed class UpstreamClient : IDisposable
{
    private static readonly ForwarderRequestConfig Http1 = ConfigFor(HttpVersion.Version11);
    private static readonly ForwarderRequestConfig Http2 = ConfigFor(HttpVersion.Version20);

    private readonly MeshDialer? _dialer;

    /// <summary>The client of services without a policy.</summary>
    public UpstreamClient(MeshDialer? dialer = null)
        : this(new ConnectionPolicy(), dialer)
    {
    }

    public UpstreamClient(ConnectionPolicy policy, MeshDialer? dialer)
    {
        _dialer = dialer;
        ConnectTimeout = policy.ConnectTimeout ?? ConnectionDefaults.ConnectTimeout;
        IsLimited = policy.MaxPerEndpoint is not null;
        var handler = CreateHandler(policy);
        dialer?.Attach(handler, ConnectTimeout);
        Invoker = new HttpMessageInvoker(handler, disposeHandler: true);
    }

    public HttpMessageInvoker Invoker { get; }

    public TimeSpan ConnectTimeout { get; }

    /// <summary>Requests may have to wait for one of few connections.</summary>
    public bool IsLimited { get; }

    /// <summary>Whether an endpoint is called by mutual TLS now. It may be otherwise a moment later: ask once per try.</summary>
    public bool IsSecure(UpstreamEndpoint endpoint) => _dialer?.IsSecure(endpoint) == true;

    /// <summary>
    /// What is spoken to an endpoint by TLS: to a proxy of the mesh HTTP/2, whatever the application behind it speaks; to others
    /// what they are declared to speak.
    /// </summary>
    public static ServiceProtocol SecureProtocol(UpstreamEndpoint endpoint) =>
        endpoint.Tls is null || endpoint.Protocol is ServiceProtocol.Http2 or ServiceProtocol.Grpc ? ServiceProtocol.Http2 : ServiceProtocol.Http;

    /// <summary>The same for a request: what becomes a connection of its own goes by HTTP/1.1.</summary>
    public static ServiceProtocol SecureProtocol(HttpContext context, UpstreamEndpoint endpoint) =>
        RequestRetries.IsUpgrade(context) ? ServiceProtocol.Http : SecureProtocol(endpoint);

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
