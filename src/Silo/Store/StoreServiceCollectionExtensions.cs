using Mesh.Grains.Access;
using Mesh.Grains.Audit;
using Mesh.Grains.Links;
using Mesh.Grains.Storage;
using Microsoft.Extensions.Options;

namespace Mesh.Silo.Store;

internal static class StoreServiceCollectionExtensions
{
    /// <summary>Registers an open store. It stays its opener's to dispose, after the host has stopped.</summary>
    public static IServiceCollection AddMeshStore(this IServiceCollection services, StoreConnection store)
    {
        services.AddSingleton(store);
        services.AddSingleton(Options.Create(store.Options));
        services.AddSingleton<IServiceStore>(provider => new RedisServiceStore(
            store.Calls, store.Keys, provider.GetRequiredService<ILogger<RedisServiceStore>>(), store.Writes, store.Replicas));
        services.AddSingleton<EntryReader>();
        services.AddSingleton<IApiTokenStore>(provider => new RedisApiTokenStore(store.Calls, store.Keys, provider.GetRequiredService<EntryReader>()));
        services.AddSingleton<IAuditStore>(provider => new RedisAuditStore(store.Calls, store.Keys, provider.GetRequiredService<EntryReader>()));
        services.AddSingleton<IChangeFeed>(provider => new RedisChangeFeed(
            store.Multiplexer, store.Keys, provider.GetRequiredService<ILogger<RedisChangeFeed>>()));
        services.AddSingleton(provider => new LinkStore(
            store.Calls, store.Keys, provider.GetRequiredService<ILogger<LinkStore>>()));
        services.AddSingleton(new PeerRegions([.. store.Options.Peers.Select(static peer =>
            new PeerRegion(peer.Key, RedisConfiguration.OfPeer(peer.Value.Redis).UseTls(peer.Value.RedisTls, $"Mesh:Peers:{peer.Key}:RedisTls"), peer.Value.Prefix)
            {
                StaleAfter = peer.Value.StaleAfter,
                Via = peer.Value.Via,
            })]));
        return services;
    }
}
