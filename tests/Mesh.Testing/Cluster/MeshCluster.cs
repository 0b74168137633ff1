using Mesh.Abstractions.Grains;
using Mesh.Grains;
using Mesh.Grains.Security;
using Mesh.Grains.Storage;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.TestingHost;

namespace Mesh.Testing.Cluster;

/// <summary>Silos with Mesh's grains in this process, over a store in memory, and an Orleans client as proxies have it.</summary>
public sealed class MeshCluster : IAsyncDisposable
{
    private MeshCluster(InProcessTestCluster cluster, MemoryServiceStore store)
    {
        Cluster = cluster;
        Store = store;
    }

    public InProcessTestCluster Cluster { get; }

    public MemoryServiceStore Store { get; }

    /// <summary>Calls as a proxy would: from outside, past the call filter.</summary>
    public IClusterClient Client => Cluster.Client;

    /// <summary>Calls from inside a silo, as the management API does.</summary>
    public IGrainFactory Grains => Cluster.Silos[0].ServiceProvider.GetRequiredService<IGrainFactory>();

    public static async Task<MeshCluster> Start(short silos = 1, Action<ISiloBuilder>? configure = null)
    {
        var store = new MemoryServiceStore();
        var builder = new InProcessTestClusterBuilder(silos);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton<IServiceStore>(store);
            silo.Services.AddSingleton<IChangeFeed>(store);
            silo.AddMeshGrains(new MeshRegion("local"));
            silo.Configure<ProxyCallOptions>(options => options.ClientInterfaces.Add("Orleans.Runtime.TestHooks.ITestHooks"));
            configure?.Invoke(silo);
        });
        builder.ConfigureClient(client => client.Services.AddSerializer(serializer => serializer.AddMeshJson()));
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new MeshCluster(cluster, store);
    }

    public async ValueTask DisposeAsync() => await Cluster.DisposeAsync();
}
