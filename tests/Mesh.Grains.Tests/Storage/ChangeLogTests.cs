using Mesh.Abstractions.Catalog;
using Mesh.Abstractions.Naming;
using Mesh.Grains.Storage;

namespace Mesh.Grains.Tests.Storage;

/// <summary>The change log and what is read by it, on any server; the classes below it say on which.</summary>
public abstract class ChangeLogTests(StoreFixture fixture)
{
    private static readonly ServiceName Web = ServiceName.Parse("shop/web");

    private readonly TestStore _store = fixture.NewRegion();

    [Fact]
    public async Task Has_one_entry_for_a_service_however_often_it_changed()
    {
        for (var revision = 1; revision <= 100; revision++)
        {
            await _store.Write(TestStore.Record(Web, revision));
        }

        var changes = await _store.Services.ReadCatalog(CatalogCursor.Start);

        Assert.Equal(100, Assert.Single(changes.Entries).Revision);
        Assert.Equal(1, await _store.Redis.SortedSetLengthAsync(_store.Keys.Log(RedisKeys.ShardOf(Web))));
        Assert.False(changes.IsReset);
    }

    [Fact]
    public async Task Gives_what_changed_since_the_cursor()
    {
        var services = Services(40);
        await WriteAll(services, 1);
        var first = await _store.Services.ReadCatalog(CatalogCursor.Start);
        Assert.Equal(services.Order(), first.Entries.Select(entry => entry.Service).Order());

        var quiet = await _store.Services.ReadCatalog(first.Cursor);
        Assert.Empty(quiet.Entries);

        await WriteAll(services[..3], 2);
        var second = await _store.Services.ReadCatalog(quiet.Cursor);
        Assert.Equal(services[..3].Order(), second.Entries.Select(entry => entry.Service).Order());
        Assert.All(second.Entries, entry => Assert.Equal(2, entry.Revision));
        Assert.False(second.IsReset);
        Assert.Empty((await _store.Services.ReadCatalog(second.Cursor)).Entries);
    }

    [Fact]
    public async Task Reads_more_than_a_page_of_a_shard()
    {
        var services = Services(20_000).Where(service => RedisKeys.ShardOf(service) == 5).Take(1_050).ToArray();
        Assert.Equal(1_050, services.Length);
        await WriteAll(services, 1);

        var changes = await _store.Services.ReadCatalog(CatalogCursor.Start);

        Assert.Equal(services.Order(), changes.Entries.Select(entry => entry.Service).Order());
        Assert.Empty((await _store.Services.ReadCatalog(changes.Cursor)).Entries);
    }

    [Fact]
    public async Task Misses_nothing_that_is_written_while_it_reads()
    {
        var services = Services(50);
        var writing = Task.Run(async () =>
        {
            for (var revision = 1; revision <= 20; revision++)
            {
                await WriteAll(services, revision);
            }
        });

        var newest = new Dictionary<ServiceName, long>();
        var cursor = CatalogCursor.Start;
        bool wasWriting;
        do
        {
            wasWriting = !writing.IsCompleted;
            var changes = await _store.Services.ReadCatalog(cursor);
            Assert.False(changes.IsReset);
            foreach (var entry in changes.Entries)
            {
                newest[entry.Service] = entry.Revision;
            }

            cursor = changes.Cursor;
        }
        while (wasWriting);

        await writing;
        Assert.Equal(services.Length, newest.Count);
        Assert.All(newest.Values, revision => Assert.Equal(20, revision));
    }

    [Fact]
    public async Task Notices_an_emptied_store()
    {
        await WriteAll(Services(20), 1);
        var before = await _store.Services.ReadCatalog(CatalogCursor.Start);

        await Flush();

        var after = await _store.Services.ReadCatalog(before.Cursor);
        Assert.True(after.IsReset);
        Assert.Empty(after.Entries);

        await WriteAll([Web], 1);
        var next = await _store.Services.ReadCatalog(after.Cursor);
        Assert.False(next.IsReset);
        Assert.Equal([Web], next.Entries.Select(entry => entry.Service));
    }

    [Fact]
    public async Task Notices_an_emptied_store_that_has_grown_as_far_again()
    {
        await WriteAll(Services(20), 1);
        var before = await _store.Services.ReadCatalog(CatalogCursor.Start);

        await Flush();
        var services = Services(60);
        await WriteAll(services, 1);

        var after = await _store.Services.ReadCatalog(before.Cursor);
        Assert.True(after.IsReset);
        Assert.Equal(services.Order(), after.Entries.Select(entry => entry.Service).Order());
        Assert.Empty((await _store.Services.ReadCatalog(after.Cursor)).Entries);
    }

    [Fact]
    public async Task Notices_a_store_restored_from_an_older_copy()
    {
        await WriteAll([Web], 1);
        await WriteAll([Web], 2);
        var before = await _store.Services.ReadCatalog(CatalogCursor.Start);

        var shard = RedisKeys.ShardOf(Web);
        await _store.Redis.HashSetAsync(_store.Keys.Sequence(shard), "last", 1);
        await _store.Redis.SortedSetAddAsync(_store.Keys.Log(shard), Web.ToString(), 1);

        var after = await _store.Services.ReadCatalog(before.Cursor);
        Assert.True(after.IsReset);
        Assert.Single(after.Entries);
    }

    [Fact]
    public async Task Leaves_out_an_entry_that_cannot_be_read_and_gives_the_others()
    {
        var services = Services(10);
        await WriteAll(services, 1);
        await _store.Redis.HashSetAsync(_store.Keys.Catalog(RedisKeys.ShardOf(services[0])), services[0].ToString(), "{");

        var changes = await _store.Services.ReadCatalog(CatalogCursor.Start);

        Assert.Equal(services[1..].Order(), changes.Entries.Select(entry => entry.Service).Order());
    }

    [Fact]
    public async Task Survives_numbers_beyond_what_Lua_prints()
    {
        var shard = RedisKeys.ShardOf(Web);
        await WriteAll([Web], 1);
        const long Far = 123_456_789_012_345;
        await _store.Redis.HashSetAsync(_store.Keys.Sequence(shard), "last", Far);
        var before = await _store.Services.ReadCatalog(CatalogCursor.Start);

        await WriteAll([Web], 2);
        var after = await _store.Services.ReadCatalog(before.Cursor);

        Assert.Equal(2, Assert.Single(after.Entries).Revision);
        Assert.Equal(Far + 1, after.Cursor.Sequences[shard]);
        Assert.Equal(Far + 1, await _store.Redis.SortedSetScoreAsync(_store.Keys.Log(shard), Web.ToString()));
    }

    [Fact]
    public async Task Reads_all_of_a_thousand_services()
    {
        var services = Services(1_000);
        await WriteAll(services, 1);
        await _store.Write(TestStore.Record(services[0], 2) with { Spec = null });

        var all = await _store.ReadAll();

        Assert.Equal(services[1..].Order(), all.Select(record => record.Service).Order());
    }

    [Fact]
    public async Task Stops_reading_all_when_told_to()
    {
        await WriteAll(Services(100), 1);
        using var stop = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var record in _store.Services.ReadAll(stop.Token))
            {
                await stop.CancelAsync();
            }
        });
    }

    private static ServiceName[] Services(int count) => [.. Enumerable.Range(0, count).Select(i => new ServiceName("shop", $"web-{i}"))];

    private async Task WriteAll(ServiceName[] services, long revision)
    {
        foreach (var page in services.Chunk(100))
        {
            var stored = await Task.WhenAll(page.Select(service => _store.Write(TestStore.Record(service, revision))));
            Assert.DoesNotContain(false, stored);
        }
    }

    private Task Flush() => fixture.Empty();
}

/// <summary>On Garnet, as the silo hosts it.</summary>
public sealed class GarnetChangeLogTests(GarnetFixture fixture) : ChangeLogTests(fixture), IClassFixture<GarnetFixture>;

/// <summary>On a real redis-server.</summary>
public sealed class RedisServerChangeLogTests(RedisServerFixture fixture) : ChangeLogTests(fixture), IClassFixture<RedisServerFixture>;
