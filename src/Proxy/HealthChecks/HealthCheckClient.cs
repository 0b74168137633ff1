namespace Mesh.Proxy.HealthChecks;

/// <summary>The connections of all health checks of endpoints: apart from those of requests, whose limits and failures are theirs.</summary>
internal sealed class HealthCheckClient : IDisposable
{
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

    public void Dispose() => Handler.Dispose();
}
