using Mesh.Grains.Audit;
using Mesh.Silo.Api.Access;

namespace Mesh.Silo.Api.Audit;

internal static class AuditServiceCollectionExtensions
{
    /// <summary>Adds the audit log. Beside it there have to be an <see cref="IAuditStore"/> and <see cref="ApiAccessSettings"/>.</summary>
    public static IServiceCollection AddMeshAudit(this IServiceCollection services, AuditSettings settings)
    {
        services.AddMetrics();
        services.AddSingleton(settings);
        services.AddSingleton<AuditId>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton<RefusalFold>();
        services.AddHostedService<AuditWriter>();
        return services;
    }
}
