using Mesh.Abstractions.Services;
using Mesh.Proxy.Hosting;

namespace Mesh.Proxy.Registration;

internal static class ApplicationHealthChecks
{
    public static IApplicationHealthCheck Create(ApplicationOptions app) => app.HealthCheck.Type switch
    {
        HealthCheckType.Http => new HttpHealthCheck(app.Host, app.Port, app.HealthCheck.Path ?? "/healthz", app.Protocol != ServiceProtocol.Http),
        HealthCheckType.Grpc => new GrpcHealthCheck(app.Host, app.Port, app.HealthCheck.Path ?? ""),
        _ => new TcpHealthCheck(app.Host, app.Port),
    };
}
