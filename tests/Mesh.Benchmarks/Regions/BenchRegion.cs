using Mesh.Testing;
using Mesh.Testing.Processes;
using StackExchange.Redis;

namespace Mesh.Benchmarks.Regions;

/// <summary>A region of one silo over a Redis of its own, both processes on loopback.</summary>
internal sealed class BenchRegion : IAsyncDisposable
{
    private const int Shards = 16;

    private readonly ConnectionMultiplexer _connection;

    private BenchRegion(string name, RedisServer redis, SiloProcess silo, ConnectionMultiplexer connection) =>
        (Name, Redis, Silo, _connection) = (name, redis, silo, connection);

    public string Name { get; }

    public RedisServer Redis { get; }

    public SiloProcess Silo { get; }

    /// <summary>The server belongs to the region from now on.</summary>
    public static async Task<BenchRegion> Start(string name, RedisServer redis, params (string Name, RedisServer Redis)[] peers) => new(
        name,
        redis,
        await SiloProcess.Ready(new SiloSettings
        {
            Name = $"silo {name}",
            Region = name,
            Redis = redis.ConnectionString,
            More = peers.ToDictionary(static peer => $"Mesh:Peers:{peer.Name}:Redis", static peer => peer.Redis.ConnectionString),
        }),
        await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString));

    /// <summary>Two regions that follow each other.</summary>
    public static async Task<(BenchRegion West, BenchRegion East)> StartTwo()
    {
        var (westRedis, eastRedis) = (await RedisServer.Start(), await RedisServer.Start());
        return (await Start("west", westRedis, ("east", eastRedis)), await Start("east", eastRedis, ("west", westRedis)));
    }

    /// <summary>The digests of what the region holds, one per shard; equal ones mean equal services.</summary>
    public async Task<string> Digests()
    {
        var redis = _connection.GetDatabase();
        var digests = await Task.WhenAll(Enumerable.Range(0, Shards).Select(shard => redis.HashGetAsync($"mesh:{{{Name}:{shard}}}:sequence", "digest")));
        return string.Join(' ', digests);
    }

    public async ValueTask DisposeAsync()
    {
        await Silo.DisposeAsync();
        await _connection.DisposeAsync();
        Redis.Dispose();
    }
}
