using System.Globalization;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Writes;
using Mesh.Grains.Regions;
using Mesh.Grains.Services;
using Mesh.Grains.Storage;
using Mesh.Grains.Tests.Links;
using Mesh.Testing;
using StackExchange.Redis;

namespace Mesh.Grains.Tests.Catalog;

/// <summary>A store as a program before the regions left it.</summary>
public sealed class OldRecordsTests : IAsyncLifetime
{
    private const int Count = 120;
    private static readonly IReadOnlyList<ServiceName> Old = [.. Enumerable.Range(0, Count).Select(static i => new ServiceName("old", $"service-{i}"))];

    private RedisServer? _redis;
    private RedisServer? _peerRedis;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.Start();
        _peerRedis = await RedisServer.Start();
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(_redis.ConnectionString);
        var keys = new RedisKeys("eu");
        foreach (var (service, i) in Old.Select(static (service, i) => (service, i)))
        {
            await Store(multiplexer.GetDatabase(), keys, service, isDeleted: i % 10 == 0);
        }
    }

    public ValueTask DisposeAsync()
    {
        _redis?.Dispose();
        _peerRedis?.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Each_is_written_anew_once()
    {
        await using var region = await LinkedRegion.Start("eu", _redis!.ConnectionString);
        await region.Catalog.List(null);

        await Eventually.Holds("all have digests", async () => await Lacking(region) == 0, LinkedRegion.Patience);

        foreach (var (service, i) in Old.Select(static (service, i) => (service, i)))
        {
            var record = (await region.Store.Read(service))!;
            Assert.Equal((ServiceRecord.BasicFormat, 3, i % 10 == 0), (record.Format, record.Revision, record.Spec is null));
            Assert.Equal(new ShardDigest(ServiceDigest.Of(record)).ToString(), (string?)await region.Redis.HashGetAsync(region.Keys.Digests(RedisKeys.ShardOf(service)), service.ToString()));
        }
    }

    [Fact]
    public async Task One_that_cannot_be_read_keeps_no_other_from_it()
    {
        await using (var multiplexer = await ConnectionMultiplexer.ConnectAsync(_redis!.ConnectionString))
        {
            await multiplexer.GetDatabase().HashSetAsync(new RedisKeys("eu").Service(Old[7]), "record", "{");
        }

        await using var region = await LinkedRegion.Start("eu", _redis!.ConnectionString);
        await region.Catalog.List(null);

        await Eventually.Holds("all others have digests", async () => await Lacking(region) == 1, LinkedRegion.Patience);
    }

    [Fact]
    public async Task Regions_come_to_hold_the_same_and_know_it()
    {
        // The old program wrote it again after a newer one had: the digest that is there is not its own.
        await using (var multiplexer = await ConnectionMultiplexer.ConnectAsync(_redis!.ConnectionString))
        {
            var (keys, shard, digest) = (new RedisKeys("eu"), RedisKeys.ShardOf(Old[5]), new string('7', 32));
            await multiplexer.GetDatabase().HashSetAsync(keys.Digests(shard), Old[5].ToString(), digest);
            await multiplexer.GetDatabase().HashSetAsync(keys.Sequence(shard), "digest", digest);
        }

        await using var eu = await LinkedRegion.Start("eu", _redis!.ConnectionString, peers: ("us", _peerRedis!.ConnectionString, "mesh"));
        await using var us = await LinkedRegion.Start("us", _peerRedis!.ConnectionString, peers: ("eu", _redis!.ConnectionString, "mesh"));
        await eu.Catalog.List(null);
        await us.Service(new ServiceName("new", "one")).Write(new WriteRequest { Command = new PutSpec(new ServiceSpec()), Author = "test" });

        await LinkedRegion.Converge([eu, us], Old, TimeSpan.FromSeconds(60));
        await Eventually.Holds(
            "both know",
            async () => (await eu.Link("us")).InSyncAt is not null && (await us.Link("eu")).InSyncAt is not null,
            TimeSpan.FromSeconds(60));
        Assert.Null(await us.Service(Old[0]).Get());
        Assert.Equal("one", Assert.Single((await us.Service(Old[1]).Get())!.Endpoints).Id);
    }

    private static Task<int> Lacking(LinkedRegion region) => region.Store.FindWithoutDigest(TestContext.Current.CancellationToken).CountAsync().AsTask();

    private static async Task Store(IDatabase redis, RedisKeys keys, ServiceName service, bool isDeleted)
    {
        var shard = RedisKeys.ShardOf(service);
        var content = isDeleted
            ? ""
            : $$"""
              "spec":{"hosts":["{{service.Name}}.example"]},
              "endpoints":{"eu":[{"id":"one","host":"10.0.0.1","port":80,"region":"eu","source":"Api","revision":2}]},
              """;
        await redis.HashSetAsync(keys.Service(service),
        [
            new("revision", 2),
            new("record", $$"""{"format":1,{{content}}"service":"{{service}}","revision":2,"specRevision":1,"updatedAt":"2026-01-01T00:00:00+00:00"}"""),
        ]);
        await redis.HashSetAsync(keys.Catalog(shard), service.ToString(), $$"""{"service":"{{service}}","revision":2,"specRevision":1,"deleted":{{(isDeleted ? "true" : "false")}}}""");
        await redis.HashSetAsync(keys.Sequence(shard), "epoch", shard.ToString("x32", CultureInfo.InvariantCulture), When.NotExists);
        var sequence = await redis.HashIncrementAsync(keys.Sequence(shard), "last");
        await redis.SortedSetAddAsync(keys.Log(shard), service.ToString(), sequence);
    }
}
