using Mesh.Grains.Audit;

namespace Mesh.Silo.Api.Audit;

internal static class AuditServiceCollectionExtensions
{
    /// <summary>Adds the audit log. Beside it there has to be an <see cref="IAuditStore"/>.</summary>
    public static IServiceCollection AddMeshAudit(this IServiceCollection services, AuditSettings settings)
    {
        services.AddMetrics();
        services.AddSingleton(settings);
        services.AddSingleton<AuditId>();
        services.AddSingleton<AuditLog>();
        services.AddHostedService<AuditWriter>();
        return services;
    }
}
