using System.Collections.Concurrent;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Grains.Services;
using Mesh.Grains.Storage;
using Mesh.Testing;
using StackExchange.Redis;

namespace Mesh.Grains.Tests.Storage;

/// <summary>What the store does on any server; the classes below it say on which.</summary>
public abstract class RedisServiceStoreTests(StoreFixture fixture)
{
    private static readonly ServiceName Web = ServiceName.Parse("shop/web");

    private static readonly ServiceName Other = ServiceName.Parse("shop/other");

    private readonly TestStore _store = fixture.NewRegion();

    [Fact]
    public async Task Reads_null_where_nothing_was_stored()
    {
        Assert.Null(await _store.Services.Read(Web));
        Assert.Empty(await _store.Services.ReadRevisions(Web));
        Assert.Null(await _store.Services.ReadRevision(Web, 1));
        Assert.Empty(await _store.ReadAll());
    }

    [Fact]
    public async Task Reads_back_exactly_what_was_written()
    {
        var record = TestStore.Record(Web, 1) with { UpdatedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 6, TimeSpan.Zero).AddTicks(7) };

        Assert.True(await _store.Write(record));

        var read = await _store.Services.Read(Web);
        Assert.True(MeshJson.Same(record, read));
    }

    [Fact]
    public async Task Keeps_records_as_JSON_that_people_can_read()
    {
        await _store.Write(TestStore.Record(Web, 1));

        var json = (string?)await _store.Redis.HashGetAsync(_store.Keys.Service(Web), "record");

        Assert.StartsWith("""{"format":2,"service":"shop/web","revision":1,""", json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_write_from_another_revision_and_leaves_everything_as_it_was()
    {
        await _store.Write(TestStore.Record(Web, 1, "first.example"));
        var heard = new ConcurrentQueue<ServiceName>();
        using var subscription = _store.Feed.Subscribe(heard.Enqueue);
        await HearsWrites(heard, Other);
        var before = await Dump();

        Assert.False(await _store.Write(TestStore.Record(Web, 3, "late.example"), expectedRevision: 2));
        Assert.False(await _store.Write(TestStore.Record(Web, 1, "new.example"), expectedRevision: 0));

        Assert.Equal(before, await Dump());
        await HearsWrites(heard, Other);
        Assert.DoesNotContain(Web, heard);
    }

    [Fact]
    public async Task Stores_every_part_of_a_write()
    {
        await _store.Write(TestStore.Record(Web, 1));
        await _store.Write(TestStore.Record(Web, 2));

        var shard = RedisKeys.ShardOf(Web);
        Assert.Equal(2, (long)await _store.Redis.HashGetAsync(_store.Keys.Service(Web), "revision"));
        Assert.Equal(2, (long)await _store.Redis.HashGetAsync(_store.Keys.Sequence(shard), "last"));
        Assert.Equal(2, await _store.Redis.SortedSetScoreAsync(_store.Keys.Log(shard), "shop/web"));
        Assert.Equal(2, (await _store.Services.ReadRevisions(Web)).Count);
        Assert.Equal(2, Assert.Single((await _store.Services.ReadCatalog(CatalogCursor.Start)).Entries).Revision);
    }

    [Fact]
    public async Task A_write_that_does_not_change_the_spec_adds_no_revision()
    {
        var record = TestStore.Record(Web, 1);
        await _store.Write(record);

        await _store.Services.Write(
            record with { Revision = 2 }, 1, new() { Service = Web, Revision = 2, SpecRevision = 1 }, revision: null);

        Assert.Equal([1L], (await _store.Services.ReadRevisions(Web)).Select(revision => revision.Revision));
        Assert.Equal(2, (await _store.Services.Read(Web))!.Revision);
    }

    [Fact]
    public async Task Loses_no_update_of_concurrent_writers()
    {
        const int Writers = 8, WritesEach = 50;
        var connections = await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => fixture.Connect()));
        try
        {
            await Task.WhenAll(connections.Select(connection => Task.Run(async () =>
            {
                var store = new TestStore(connection, _store.Region, StoreFixture.Patience);
                for (var done = 0; done < WritesEach;)
                {
                    var current = await store.Services.Read(Web) ?? ServiceRecord.Empty(Web);
                    var count = current.Spec is null ? 0 : int.Parse(current.Spec.Hosts[0], provider: null);
                    done += await store.Write(TestStore.Record(Web, current.Revision + 1, $"{count + 1}")) ? 1 : 0;
                }
            })));
        }
        finally
        {
            await Task.WhenAll(connections.Select(connection => connection.DisposeAsync().AsTask()));
        }

        var end = await _store.Services.Read(Web);
        Assert.Equal($"{Writers * WritesEach}", end!.Spec!.Hosts[0]);
        Assert.Equal(Writers * WritesEach, end.Revision);
        Assert.Equal(Writers * WritesEach, (long)await _store.Redis.HashGetAsync(_store.Keys.Sequence(RedisKeys.ShardOf(Web)), "last"));
    }

    [Fact]
    public async Task Keeps_the_newest_hundred_revisions()
    {
        for (var revision = 1; revision <= 107; revision++)
        {
            await _store.Write(TestStore.Record(Web, revision, $"v{revision}.example"));
        }

        var kept = await _store.Services.ReadRevisions(Web);

        Assert.Equal(Enumerable.Range(8, 100).Reverse().Select(revision => (long)revision), kept.Select(revision => revision.Revision));
        Assert.All(kept, revision => Assert.Null(revision.Spec));
        Assert.Null(await _store.Services.ReadRevision(Web, 7));
        Assert.Equal("v8.example", (await _store.Services.ReadRevision(Web, 8))!.Spec!.Hosts[0]);
    }

    [Fact]
    public async Task A_deleted_service_stays_as_a_tombstone()
    {
        await _store.Write(TestStore.Record(Web, 1));
        await _store.Write(TestStore.Record(Web, 2) with { Spec = null });

        var record = await _store.Services.Read(Web);
        Assert.Null(record!.Spec);
        Assert.Equal(2, record.Revision);
        Assert.True(Assert.Single((await _store.Services.ReadCatalog(CatalogCursor.Start)).Entries).Deleted);
        Assert.Empty(await _store.ReadAll());
        Assert.False(await _store.Write(TestStore.Record(Web, 1)));
        Assert.True(await _store.Write(TestStore.Record(Web, 3)));
        Assert.Single(await _store.ReadAll());
    }

    [Fact]
    public async Task Reads_a_record_of_a_newer_format()
    {
        await _store.Write(TestStore.Record(Web, 1));
        var json = (string)(await _store.Redis.HashGetAsync(_store.Keys.Service(Web), "record"))!;
        var newer = json.Replace("\"format\":2", "\"format\":7,\"mood\":{\"of\":[\"the\",\"day\"]}", StringComparison.Ordinal);
        await _store.Redis.HashSetAsync(_store.Keys.Service(Web), "record", newer);

        var record = await _store.Services.Read(Web);

        Assert.Equal(7, record!.Format);
        Assert.Equal("web.example", record.Spec!.Hosts[0]);
    }

    [Fact]
    public async Task Names_the_key_of_a_record_it_cannot_read()
    {
        await _store.Redis.HashSetAsync(_store.Keys.Service(Web), "record", "{");

        var exception = await Assert.ThrowsAsync<InvalidDataException>(() => _store.Services.Read(Web));

        Assert.Contains(_store.Keys.Service(Web).ToString(), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tells_of_every_write()
    {
        var heard = new ConcurrentQueue<ServiceName>();
        using (_store.Feed.Subscribe(_ => throw new InvalidOperationException("a listener that fails")))
        using (_store.Feed.Subscribe(heard.Enqueue))
        {
            await HearsWrites(heard, Web);
        }

        heard.Clear();
        var other = new ConcurrentQueue<ServiceName>();
        using var late = _store.Feed.Subscribe(other.Enqueue);
        await HearsWrites(other, Web);
        Assert.Empty(heard);
    }

    [Fact]
    public async Task Ignores_messages_that_are_no_service()
    {
        var heard = new ConcurrentQueue<ServiceName>();
        using var subscription = _store.Feed.Subscribe(heard.Enqueue);
        await HearsWrites(heard, Web);

        await _store.Redis.PublishAsync(_store.Keys.Changes, "not a service");
        await _store.Redis.PublishAsync(_store.Keys.Changes, new byte[] { 0xff, 0x00 });
        await _store.Redis.PublishAsync(_store.Keys.Changes, "shop/last");

        await Eventually.Holds("the last message is heard", () => heard.Contains(ServiceName.Parse("shop/last")));
        Assert.Equal([Web, ServiceName.Parse("shop/last")], heard.Distinct());
    }

    [Fact]
    public async Task Answers_a_ping() => await _store.Services.Ping();

    [Fact]
    public async Task Refuses_a_write_that_goes_backwards_or_mixes_services()
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _store.Write(TestStore.Record(Web, 1), expectedRevision: 1));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _store.Write(TestStore.Record(Web, 1), expectedRevision: -1));
        await Assert.ThrowsAsync<ArgumentException>(() => _store.Services.Write(
            TestStore.Record(Web, 1), 0, new() { Service = Other, Revision = 1, SpecRevision = 1 }, null));
    }

    [Fact]
    public async Task Stores_a_large_record_and_refuses_one_that_is_too_large()
    {
        var large = TestStore.Record(Web, 1, new string('x', RedisServiceStore.MaxRecordBytes - 2_000));
        var tooLarge = TestStore.Record(Web, 2, new string('x', RedisServiceStore.MaxRecordBytes));

        Assert.True(await _store.Write(large));
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => _store.Write(tooLarge));

        Assert.Contains("shop/web is too large", exception.Message, StringComparison.Ordinal);
        Assert.True(MeshJson.Same(large, await _store.Services.Read(Web)));
        Assert.Equal(large.Spec!.Hosts, (await _store.Services.ReadRevision(Web, 1))!.Spec!.Hosts);
    }

    /// <summary>Writes until one is heard, as a subscription takes effect a moment after it is made; the next is heard for certain.</summary>
    private async Task HearsWrites(ConcurrentQueue<ServiceName> heard, ServiceName service)
    {
        var revision = (await _store.Services.Read(service))?.Revision ?? 0;
        await Eventually.Holds("a write is heard", async () =>
        {
            await _store.Write(TestStore.Record(service, ++revision));
            return heard.Contains(service);
        });

        var before = heard.Count;
        await _store.Write(TestStore.Record(service, ++revision));
        await Eventually.Holds("the next write is heard", () => heard.Count > before);
    }

    private async Task<string> Dump()
    {
        var shard = RedisKeys.ShardOf(Web);
        var hashes = new List<string>();
        foreach (var key in (RedisKey[])[_store.Keys.Service(Web), _store.Keys.Revisions(Web), _store.Keys.Catalog(shard), _store.Keys.Sequence(shard)])
        {
            hashes.AddRange((await _store.Redis.HashGetAllAsync(key)).Select(field => $"{key} {field}").Order(StringComparer.Ordinal));
        }

        hashes.AddRange((await _store.Redis.SortedSetRangeByRankWithScoresAsync(_store.Keys.Log(shard))).Select(entry => entry.ToString()));
        return string.Join('\n', hashes);
    }
}

/// <summary>On Garnet, as the silo hosts it.</summary>
public sealed class GarnetServiceStoreTests(GarnetFixture fixture) : RedisServiceStoreTests(fixture), IClassFixture<GarnetFixture>;

/// <summary>On a real redis-server.</summary>
public sealed class RedisServerServiceStoreTests(RedisServerFixture fixture) : RedisServiceStoreTests(fixture), IClassFixture<RedisServerFixture>;
