using System.Diagnostics;
using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Writes;
using Mesh.Grains.Services;
using Mesh.Grains.Storage;
using Mesh.Silo.Store;
using Mesh.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Mesh.Silo.Tests.Store;

/// <summary>Writes that wait for replicas (<c>Mesh:RedisReplicas</c>).</summary>
public sealed class ReplicaTests : IAsyncLifetime
{
    private RedisServer _primary = null!;
    private RedisServer _replica = null!;
    private StoreConnection _store = null!;
    private RedisServiceStore _services = null!;

    public async ValueTask InitializeAsync()
    {
        _primary = await RedisServer.Start();
        _replica = await RedisServer.Start();
        await _replica.Command("REPLICAOF", "127.0.0.1", $"{_primary.Port}");
        await Eventually.Holds("the replica follows", async () => await Waits(_primary) == ":1");
        _store = await Open($"{_primary.ConnectionString},{_replica.ConnectionString}");
        _services = Services(_store);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _replica.Dispose();
        _primary.Dispose();
    }

    [Fact]
    public async Task An_acknowledged_write_survives_the_death_of_the_primary()
    {
        Assert.True(await Write("web"));
        _primary.Kill();
        await _replica.Command("REPLICAOF", "NO", "ONE");

        await using var promoted = await Open(_replica.ConnectionString);

        Assert.NotNull(await Services(promoted).Read(new ServiceName("shop", "web")));
    }

    [Fact]
    public async Task A_write_that_no_replica_confirms_is_refused_in_time_and_says_why()
    {
        _replica.Pause();
        var started = Stopwatch.GetTimestamp();

        var refusal = await Assert.ThrowsAsync<StoreUnavailableException>(() => Write("web"));

        Assert.Contains("0 of 1 replicas", refusal.Message, StringComparison.Ordinal);
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(2));
        Assert.NotNull(await _services.Read(new ServiceName("shop", "web")));

        _replica.Resume();
        await Eventually.Holds("writes are confirmed again", async () =>
        {
            try
            {
                return await Write($"after-{Guid.NewGuid():n}"[..20]);
            }
            catch (StoreUnavailableException)
            {
                return false;
            }
        });
    }

    [Fact]
    public async Task Many_writes_share_their_waiting()
    {
        var before = await Calls("wait");

        Assert.All(await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Write($"web-{i}"))), Assert.True);

        Assert.InRange(await Calls("wait") - before, 1, 100);
    }

    [Fact]
    public async Task After_a_failover_the_store_takes_writes_again_by_itself()
    {
        await using var store = await Open($"{_primary.ConnectionString},{_replica.ConnectionString}", replicas: 0);
        var services = Services(store);
        Assert.True(await Write(services, "before"));
        await Eventually.Holds("the replica has it", async () => (await _replica.Command("DBSIZE")) != ":0");
        _primary.Kill();
        await _replica.Command("REPLICAOF", "NO", "ONE");

        await Eventually.Holds(
            "the promoted replica takes writes",
            async () =>
            {
                try
                {
                    return await Write(services, "after");
                }
                catch (StoreUnavailableException)
                {
                    return false;
                }
            },
            TimeSpan.FromSeconds(20));
        Assert.NotNull(await services.Read(new ServiceName("shop", "before")));
    }

    [Fact]
    public void The_embedded_store_has_no_replicas()
    {
        var result = new StoreOptionsValidator().Validate(null, new StoreOptions { RedisReplicas = 1, DataDirectory = "x" });

        Assert.Contains("Mesh:RedisReplicas", result.FailureMessage, StringComparison.Ordinal);
    }

    private static async Task<StoreConnection> Open(string redis, int replicas = 1) => await StoreConnection.OpenAsync(
        new StoreOptions { Redis = redis, RedisReplicas = replicas }, NullLoggerFactory.Instance, TimeProvider.System, TestContext.Current.CancellationToken);

    private static RedisServiceStore Services(StoreConnection store) =>
        new(store.Calls, store.Keys, NullLogger<RedisServiceStore>.Instance, store.Writes, store.Replicas);

    private static Task<string> Waits(RedisServer server) => server.Command("WAIT", "0", "0");

    private async Task<long> Calls(string command)
    {
        await using var admin = await ConnectionMultiplexer.ConnectAsync($"{_primary.ConnectionString},allowAdmin=true");
        var stats = await admin.GetServers()[0].InfoAsync("commandstats");
        var line = stats.SelectMany(static section => section).FirstOrDefault(fact => fact.Key == $"cmdstat_{command}").Value;
        return line is null ? 0 : long.Parse(line.Split(',')[0]["calls=".Length..], System.Globalization.CultureInfo.InvariantCulture);
    }

    private Task<bool> Write(string name) => Write(_services, name);

    private static Task<bool> Write(RedisServiceStore services, string name)
    {
        var next = ServiceReducer.Apply(
            ServiceRecord.Empty(new ServiceName("shop", name)), new PutSpec(new ServiceSpec()), Precondition.None, "local", TimeProvider.System.GetUtcNow()).Record;
        return services.Write(next, 0, next.ToCatalogEntry(), null);
    }
}
