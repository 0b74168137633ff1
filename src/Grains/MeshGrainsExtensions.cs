using Mesh.Abstractions.Grains;
using Mesh.Grains.Push;
using Mesh.Grains.Regions;
using Mesh.Grains.Security;
using Mesh.Grains.Security.Gateway;
using Mesh.Grains.Security.Tokens;
using Mesh.Grains.Services;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using Orleans.Serialization;
using Orleans.Services;

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
        silo.Services.AddSingleton(static services => ActivatorUtilities.CreateInstance<PushSender>(services, PushSender.Id));
        silo.Services.AddSingleton<IGrainService>(static services => services.GetRequiredService<PushSender>());
        silo.AddGrainService<PushHub>();
        AddDoors(silo);

        // Stored state is read on demand and leases renew themselves, so an idle service need not stay in memory.
        silo.Configure<GrainCollectionOptions>(static options => options.CollectionAge = TimeSpan.FromMinutes(15));
        return silo;
    }

    /// <summary>What keeps clients from everything that is not for proxies.</summary>
    private static void AddDoors(ISiloBuilder silo)
    {
        silo.Services.AddMetrics();
        silo.Services.AddSingleton<Denials>();
        silo.Services.AddSingleton<CallTokens>();
        silo.Services.AddSingleton<PreambleReader>();
        silo.Services.AddSingleton<GatewayTargets>();
        silo.Services.AddSingleton<GatewayClients>();
        silo.Services.AddSingleton<GatewaySilos>();
        silo.Services.AddSingleton<GatewayDoor>();
        silo.Services.AddSingleton<ProxyAdmission>();
        silo.AddIncomingGrainCallFilter<ProxyCallFilter>();
        silo.AddOutgoingGrainCallFilter<CallTokenSender>();

        // After TLS, wherever that is added: the door believes what TLS has found out.
        silo.Services.PostConfigure<SiloConnectionOptions>(static connections => connections.ConfigureGatewayInboundConnection(static connection =>
        {
            var door = connection.ApplicationServices.GetRequiredService<GatewayDoor>();
            connection.Use(next => context => door.OnConnected(context, next));
        }));
    }
}
