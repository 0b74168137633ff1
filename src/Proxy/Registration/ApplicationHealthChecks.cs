using Mesh.Abstractions.Services;
using Mesh.Proxy.HealthChecks;
using Mesh.Proxy.Hosting;

namespace Mesh.Proxy.Registration;

/// <summary>How the proxy asks the application beside it.</summary>
internal static class ApplicationHealthChecks
{
    private const int LastRedirect = 399;

    public static IHealthCheck Create(ApplicationOptions app, HealthCheckClient client) => app.HealthCheck.Type switch
    {
        HealthCheckType.Http => new HttpHealthCheck(
            client.Handler, app.Host, app.Port, app.HealthCheck.Path ?? "/healthz", app.Protocol is ServiceProtocol.Http2 or ServiceProtocol.Grpc, LastRedirect),
        HealthCheckType.Grpc => new GrpcHealthCheck(client.Handler, app.Host, app.Port, app.HealthCheck.Path ?? ""),
        _ => new TcpHealthCheck(app.Host, app.Port),
    };
}
