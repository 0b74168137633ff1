using Mesh.Silo.Api;

namespace Mesh.Silo.Cluster;

internal static class ClusterServiceCollectionExtensions
{
    /// <summary>Adds what the management API asks of the cluster as a whole.</summary>
    public static IServiceCollection AddMeshCluster(this IServiceCollection services)
    {
        services.AddSingleton<HubDirectory>();
        services.AddSingleton<IProxyDirectory, ProxyDirectory>();
        services.AddSingleton<GatewayDirectory>();
        services.AddSingleton<IGatewayDirectory>(static provider => provider.GetRequiredService<GatewayDirectory>());
        services.AddHostedService(static provider => provider.GetRequiredService<GatewayDirectory>());
        services.AddSingleton<RegionDirectory>();
        services.AddSingleton<IRegionDirectory>(static provider => provider.GetRequiredService<RegionDirectory>());
        services.AddHostedService(static provider => provider.GetRequiredService<RegionDirectory>());
        services.AddHostedService<HeartbeatWriter>();
        return services;
    }
}
