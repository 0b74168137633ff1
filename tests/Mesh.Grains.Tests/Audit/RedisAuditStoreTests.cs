using Mesh.Abstractions.Audit;
using Mesh.Abstractions.Naming;
using Mesh.Grains.Audit;
using Mesh.Grains.Storage;
using Mesh.Grains.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Mesh.Grains.Tests.Audit;

/// <summary>What the store does on any server; the classes below it say on which.</summary>
public abstract class RedisAuditStoreTests(StoreFixture fixture)
{
    private readonly TestStore _region = fixture.NewRegion();
    private readonly AuditId _ids = new(TimeProvider.System);

    private RedisAuditStore Store => Open(fixture.Multiplexer);

    [Fact]
    public async Task Entries_come_back_as_they_were_newest_first_page_by_page()
    {
        var entries = Entries(7);
        await Store.Add(AuditList.Accepted, entries[..3], keep: 100);
        await Store.Add(AuditList.Accepted, entries[3..], keep: 100);

        var first = await Store.Read(AuditList.Accepted, before: null, count: 3);
        var second = await Store.Read(AuditList.Accepted, first[^1].Id, count: 3);
        var last = await Store.Read(AuditList.Accepted, second[^1].Id, count: 3);

        Assert.Equal(Enumerable.Reverse(entries).Select(Text), first.Concat(second).Concat(last).Select(Text));
        Assert.Single(last);
        Assert.Empty(await Store.Read(AuditList.Accepted, entries[0].Id, count: 3));
    }

    [Fact]
    public async Task An_entry_that_is_added_again_is_there_once()
    {
        var entries = Entries(2);
        await Store.Add(AuditList.Accepted, entries, keep: 100);
        await Store.Add(AuditList.Accepted, entries, keep: 100);

        Assert.Equal(2, (await Store.Read(AuditList.Accepted, before: null, count: 10)).Count);
    }

    [Fact]
    public async Task The_oldest_make_room_and_of_their_own_list_only()
    {
        var accepted = Entries(5);
        await Store.Add(AuditList.Accepted, accepted, keep: 5);
        await Store.Add(AuditList.Refused, Entries(20), keep: 3);
        await Store.Add(AuditList.Accepted, Entries(2), keep: 5);

        Assert.Equal(3, (await Store.Read(AuditList.Refused, before: null, count: 100)).Count);
        var left = await Store.Read(AuditList.Accepted, before: null, count: 100);
        Assert.Equal(5, left.Count);
        Assert.Equal(accepted[2].Id, left[^1].Id);
    }

    [Fact]
    public async Task Silos_add_to_one_log()
    {
        await using var other = await fixture.Connect();
        await Store.Add(AuditList.Accepted, Entries(1), keep: 10);
        await Open(other).Add(AuditList.Accepted, Entries(1), keep: 10);

        Assert.Equal(2, (await Store.Read(AuditList.Accepted, before: null, count: 10)).Count);
    }

    [Fact]
    public async Task Entries_that_cannot_be_read_hide_no_others_and_end_no_page()
    {
        var entries = Entries(5);
        await Store.Add(AuditList.Accepted, entries, keep: 100);
        foreach (var damaged in (string[])["nonsense", "zzz", $"{entries[4].Id}x", $"{entries[2].Id} {{}}", $"{entries[2].Id} {{\"id\":7}}", "\u0001"])
        {
            await _region.Redis.SortedSetAddAsync(_region.Keys.Audit(AuditList.Accepted), damaged, 0);
        }

        var first = await Store.Read(AuditList.Accepted, before: null, count: 4);
        var last = await Store.Read(AuditList.Accepted, first[^1].Id, count: 4);

        Assert.Equal(Enumerable.Reverse(entries).Select(Text), first.Concat(last).Select(Text));
        Assert.Equal(4, first.Count);
    }

    private static string Text(AuditEntry entry) => System.Text.Encoding.UTF8.GetString(Mesh.Abstractions.Json.MeshJson.Encode(entry));

    private AuditEntry[] Entries(int count) => [.. Enumerable.Range(0, count).Select(i => new AuditEntry
    {
        Id = _ids.Next(),
        At = TimeProvider.System.GetUtcNow(),
        By = "jwt:änna",
        From = "10.0.0.7",
        Method = "PUT",
        Path = $"/v1/services/shop/web-{i}",
        Namespace = "shop",
        Resource = $"shop/web-{i}",
        Status = 201,
        Changes = [new AuditChange { Service = new ServiceName("shop", $"web-{i}"), Revision = i + 1 }],
        Region = "eu",
        Silo = "10.0.0.1:11111",
    })];

    private RedisAuditStore Open(IConnectionMultiplexer multiplexer) => new(
        new RedisCalls(multiplexer, "the test's Redis", TimeProvider.System) { Limit = StoreFixture.Patience },
        _region.Keys,
        new EntryReader(TimeProvider.System, NullLogger<EntryReader>.Instance));
}

/// <summary>On Garnet, as the silo hosts it.</summary>
public sealed class GarnetAuditStoreTests(GarnetFixture fixture) : RedisAuditStoreTests(fixture), IClassFixture<GarnetFixture>;

/// <summary>On a real redis-server.</summary>
public sealed class RedisServerAuditStoreTests(RedisServerFixture fixture) : RedisAuditStoreTests(fixture), IClassFixture<RedisServerFixture>;
