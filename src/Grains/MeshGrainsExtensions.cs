using Mesh.Abstractions.Grains;
using Mesh.Grains.Push;
using Mesh.Grains.Regions;
using Mesh.Grains.Security;
using Mesh.Grains.Services;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using Orleans.Serialization;

namespace Mesh.Grains;

public static class MeshGrainsExtensions
{
    /// <summary>
    /// Adds Mesh's grains to a silo. An <see cref="Storage.IServiceStore"/> and an <see cref="Storage.IChangeFeed"/> have to be registered beside them.
    /// </summary>
    public static ISiloBuilder AddMeshGrains(this ISiloBuilder silo, MeshRegion region)
    {
        silo.Services.TryAddSingleton(TimeProvider.System);
        silo.Services.AddSingleton(region);
        silo.Services.AddSingleton<PeerContacts>();
        silo.Services.AddSingleton<PeerReach>();
        silo.Services.AddSingleton<ActiveServices>();
        silo.Services.AddHostedService<StoreWatch>();
        silo.Services.AddSerializer(static serializer => serializer.AddMeshJson());
        silo.Services.AddSingleton<IPushHubClient, PushHubClient>();
        silo.Services.AddSingleton<HubPublisherFactory>();
        silo.AddGrainService<PushHub>();
        silo.AddIncomingGrainCallFilter<ProxyCallFilter>();

        // Stored state is read on demand and leases renew themselves, so an idle service need not stay in memory.
        silo.Configure<GrainCollectionOptions>(static options => options.CollectionAge = TimeSpan.FromMinutes(15));
        return silo;
    }
}
