using Mesh.Proxy.Balancing;
using Mesh.Proxy.Identity;

namespace Mesh.Proxy.HealthChecks;

/// <summary>The connections of all health checks of endpoints: apart from those of requests, whose limits and failures are theirs.</summary>
internal sealed class HealthCheckClient : IDisposable
{
    /// <summary>Longer than any check may take: the check's own time is the limit.</summary>
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromMinutes(1);

    private readonly MeshDialer? _dialer;

    public HealthCheckClient(MeshDialer? dialer = null)
    {
        _dialer = dialer;
        dialer?.Attach(Handler, ConnectLimit);
    }

    public SocketsHttpHandler Handler { get; } = CreateHandler();

    public static SocketsHttpHandler CreateHandler() => new()
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,

        // A connection that works does not prove that a new one would.
        PooledConnectionLifetime = TimeSpan.FromSeconds(30),
    };

    /// <summary>Whose checks go the way that requests to the endpoint go.</summary>
    public HttpMessageHandler HandlerFor(UpstreamEndpoint endpoint) => _dialer is null ? Handler : new MeshHandler(Handler, _dialer, endpoint);

    public void Dispose() => Handler.Dispose();
}
