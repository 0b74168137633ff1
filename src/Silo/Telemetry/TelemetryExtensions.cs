using Mesh.Abstractions.Access;
using Mesh.Grains.Security.Gateway;
using Mesh.Silo.Api.Access;
using Mesh.Silo.Api.Audit;
using Mesh.Silo.Cluster;
using OpenTelemetry.Metrics;

namespace Mesh.Silo.Telemetry;

internal static class TelemetryExtensions
{
    /// <summary>The silo's metrics: Orleans' own, the management API's and the runtime's, by OpenTelemetry.</summary>
    public static IServiceCollection AddMeshTelemetry(this IServiceCollection services)
    {
        services.AddOpenTelemetry().WithMetrics(static metrics => metrics
            .AddMeter(RegionDirectory.MeterName)
            .AddMeter(Denials.MeterName)
            .AddMeter(AuditLog.MeterName)
            .AddMeter("Microsoft.Orleans")
            .AddMeter("Microsoft.AspNetCore.Hosting")
            .AddMeter("Microsoft.AspNetCore.Server.Kestrel")
            .AddMeter("System.Runtime")
            .AddPrometheusExporter());
        return services;
    }

    /// <summary><c>GET /metrics</c> in the Prometheus text format.</summary>
    public static void MapMeshTelemetry(this WebApplication app, bool isOpen)
    {
        var metrics = app.MapPrometheusScrapingEndpoint("/metrics");
        _ = isOpen ? metrics.IsOpen() : metrics.Needs(ApiRole.Viewer, ApiScope.Everywhere);
    }
}
