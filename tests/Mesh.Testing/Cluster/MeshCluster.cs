using Mesh.Abstractions.Grains;
using Mesh.Grains;
using Mesh.Grains.Security.Tokens;
using Mesh.Grains.Storage;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Serialization;
using Orleans.TestingHost;

namespace Mesh.Testing.Cluster;

/// <summary>
/// Silos with Mesh's grains in this process, over a store in memory, and an Orleans client as proxies have it. Calls
/// between silos need their proofs, as in a cluster whose TLS is required.
/// </summary>
public sealed class MeshCluster : IAsyncDisposable
{
    private MeshCluster(InProcessTestCluster cluster, MemoryServiceStore store)
    {
        Cluster = cluster;
        Store = store;
    }

    public InProcessTestCluster Cluster { get; }

    public MemoryServiceStore Store { get; }

    /// <summary>Calls as a proxy would: from outside, past the door and the call filter.</summary>
    public IClusterClient Client => Cluster.Client;

    /// <summary>Calls from inside a silo, as the management API does.</summary>
    public IGrainFactory Grains => Cluster.Silos[0].ServiceProvider.GetRequiredService<IGrainFactory>();

    /// <param name="configureSilo">Further settings of every silo.</param>
    /// <param name="configureClient">Further settings of the client.</param>
    public static async Task<MeshCluster> Start(
        short silos = 1, Action<ISiloBuilder>? configureSilo = null, Action<IClientBuilder>? configureClient = null)
    {
        var store = new MemoryServiceStore();
        var secret = new byte[32];
        Random.Shared.NextBytes(secret);
        var builder = new InProcessTestClusterBuilder(silos);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton<IServiceStore>(store);
            silo.Services.AddSingleton<IChangeFeed>(store);
            silo.AddMeshGrains(new MeshRegion("local"));
            silo.AllowTestHost();
            silo.Configure<CallTokenOptions>(options =>
            {
                options.Secret = secret;
                options.IsRequired = true;
            });
            configureSilo?.Invoke(silo);
        });
        builder.ConfigureClient(client =>
        {
            client.Services.AddSerializer(static serializer => serializer.AddMeshJson());
            client.Configure<ClientMessagingOptions>(static messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(5));
            configureClient?.Invoke(client);
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new MeshCluster(cluster, store);
    }

    public async ValueTask DisposeAsync() => await Cluster.DisposeAsync();
}
