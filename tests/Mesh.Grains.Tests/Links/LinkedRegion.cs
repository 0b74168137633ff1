using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Regions;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Writes;
using Mesh.Grains.Regions;
using Mesh.Grains.Services;
using Mesh.Grains.Storage;
using Mesh.Silo.Cluster;
using Mesh.Silo.Store;
using Mesh.Testing;
using Mesh.Testing.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Serialization;
using Orleans.TestingHost;
using StackExchange.Redis;

namespace Mesh.Grains.Tests.Links;

/// <summary>A region: a silo in this process over a real Redis, linked to its peers as a silo of production is.</summary>
internal sealed class LinkedRegion : IAsyncDisposable
{
    /// <summary>A poll or two, on a machine that is busy.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly InProcessTestCluster _cluster;
    private readonly StoreConnection _connection;

    private LinkedRegion(InProcessTestCluster cluster, StoreConnection connection) => (_cluster, _connection) = (cluster, connection);

    public IServiceStore Store => Services.GetRequiredService<IServiceStore>();

    public PeerContacts Contacts => Services.GetRequiredService<PeerContacts>();

    /// <summary>What its proxies are told.</summary>
    public PeerReach Reach => Services.GetRequiredService<PeerReach>();

    public IDatabase Redis => _connection.Multiplexer.GetDatabase();

    public RedisKeys Keys => _connection.Keys;

    private IServiceProvider Services => _cluster.Silos[0].ServiceProvider;

    public static Task<LinkedRegion> Start(
        string name, string redis, string prefix = RedisKeys.DefaultPrefix, params (string Region, string Redis, string Prefix)[] peers) => Start(new StoreOptions
        {
            Region = name,
            Redis = redis,
            RedisPrefix = prefix,
            Peers = peers.ToDictionary(static peer => peer.Region, static peer => new PeerOptions { Redis = peer.Redis, Prefix = peer.Prefix }),
        });

    public static async Task<LinkedRegion> Start(StoreOptions options)
    {
        var name = options.Region;
        var connection = await StoreConnection.OpenAsync(options, NullLoggerFactory.Instance, TimeProvider.System);
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddMeshStore(connection);
            silo.AddMeshGrains(new MeshRegion(name));
            silo.AllowTestHost();
            silo.Services.AddSingleton<RegionDirectory>();
            silo.Services.AddHostedService<HeartbeatWriter>();
            silo.Services.AddHostedService(static provider => provider.GetRequiredService<RegionDirectory>());
        });
        builder.ConfigureClient(static client => client.Services.AddSerializer(static serializer => serializer.AddMeshJson()));
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new LinkedRegion(cluster, connection);
    }

    public ICatalogGrain Catalog => Services.GetRequiredService<IGrainFactory>().GetGrain<ICatalogGrain>(ICatalogGrain.Key);

    public IServiceGrain Service(ServiceName service) =>
        Services.GetRequiredService<IGrainFactory>().GetGrain<IServiceGrain>(service.ToString());

    public async Task Write(ServiceName service, params ServiceCommand[] commands)
    {
        foreach (var command in commands)
        {
            var result = await Service(service).Write(new WriteRequest { Command = command, Author = "test" });
            Assert.True(result.Status is WriteStatus.Stored or WriteStatus.Unchanged, $"{service}: {result.Status}");
        }
    }

    public async Task<RegionLinkView> Link(string peer) =>
        (await Services.GetRequiredService<RegionDirectory>().List()).Single(view => view.Region == peer);

    public async Task<RegionLinkView> Reaches(string peer, RegionLinkState state)
    {
        RegionLinkView? last = null;
        try
        {
            return await Eventually.Yields(
                $"the link to {peer} is {state}",
                async () => (last = await Link(peer)).State == state ? last : null,
                Patience);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message}: {last}", exception);
        }
    }

    public Task Holds(ServiceName service, Func<ServiceSpec, bool>? condition = null) => Eventually.Holds(
        $"{service} has arrived", async () => await Service(service).Get() is { } view && (condition?.Invoke(view.Spec) ?? true), Patience);

    /// <summary>What a region holds of a service that all regions should hold alike; empty when it has none.</summary>
    public async Task<string> Content(ServiceName service) => await Store.Read(service) is { } record
        ? $"{ServiceDigest.Of(record):x32} {System.Text.Encoding.UTF8.GetString((record with { Revision = 0 }).ToSnapshot().Json.Value)}"
        : "";

    public static async Task Converge(IReadOnlyList<LinkedRegion> regions, IReadOnlyList<ServiceName> services, TimeSpan? deadline = null)
    {
        await Eventually.Holds(
            $"{services.Count} services are the same in {regions.Count} regions",
            async () =>
            {
                var contents = await Task.WhenAll(regions.Select(region => Task.WhenAll(services.Select(region.Content))));
                return contents.All(content => content.All(static text => text.Length > 0) && content.SequenceEqual(contents[0]));
            },
            deadline ?? Patience);
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
