using Mesh.Grains.Storage;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using StackExchange.Redis;

namespace Mesh.Silo.Store;

/// <summary>Orleans' membership in the region's store. Every region is a cluster of its own, also on a shared Redis.</summary>
internal static class MeshClustering
{
    public static string ClusterId(string region, string prefix = RedisKeys.DefaultPrefix) => $"{prefix}-{region}";

    /// <summary>The key of Orleans' membership table; its form is Orleans', the names in it are ours.</summary>
    public static RedisKey MembershipKey(string region, string prefix = RedisKeys.DefaultPrefix) =>
        $"{ClusterId(region, prefix)}/members/{ClusterId(region, prefix)}";

    public static ISiloBuilder UseMeshClustering(this ISiloBuilder silo, StoreConnection store)
    {
        var cluster = ClusterId(store.Options.Region, store.Options.RedisPrefix);
        silo.Configure<ClusterOptions>(options =>
        {
            options.ClusterId = cluster;
            options.ServiceId = cluster;
        });
        silo.Services.TryAddSingleton(TimeProvider.System);
        silo.Services.AddHostedService(provider => ActivatorUtilities.CreateInstance<MembershipGuard>(provider, store));
        return silo.UseRedisClustering(options =>
        {
            // Orleans insists on options, and logs them; the connection is there already and they stay empty.
            options.ConfigurationOptions = new ConfigurationOptions();
            options.CreateMultiplexer = _ => Task.FromResult((store.Multiplexer, IsShared: true));
        });
    }
}
