using System.Collections.Concurrent;
using System.Diagnostics;
using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Grains.Storage;
using Mesh.Silo.Store;
using Mesh.Testing;
using StackExchange.Redis;

namespace Mesh.Grains.Tests.Storage;

/// <summary>What the store says and does while its server is away, and after.</summary>
public sealed class StoreOutageTests : IAsyncLifetime
{
    private static readonly ServiceName Web = ServiceName.Parse("shop/web");

    /// <summary>What <see cref="IServiceStore"/> promises.</summary>
    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(2);

    private RedisServer _server = null!;
    private ConnectionMultiplexer _multiplexer = null!;
    private TestStore _store = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.Start(appendOnly: true);
        _multiplexer = await ConnectionMultiplexer.ConnectAsync(RedisConfiguration.Of(_server.ConnectionString));
        _store = new TestStore(_multiplexer, "local", RedisCalls.DefaultLimit);
    }

    public async ValueTask DisposeAsync()
    {
        await _multiplexer.DisposeAsync();
        _server.Dispose();
    }

    [Fact]
    public async Task Says_so_in_time_when_the_server_is_dead_and_recovers_by_itself()
    {
        Assert.True(await _store.Write(TestStore.Record(Web, 1)));
        _server.Kill();

        await EveryCallFailsInTime();

        await _server.Restart();
        await Eventually.Holds("the store answers again", async () => (await _store.Services.Read(Web))?.Revision == 1);
        Assert.True(await _store.Write(TestStore.Record(Web, 2)));
    }

    [Fact]
    public async Task Says_so_in_time_when_the_server_hangs_and_recovers_by_itself()
    {
        Assert.True(await _store.Write(TestStore.Record(Web, 1)));
        _server.Pause();

        await EveryCallFailsInTime();

        _server.Resume();
        await Eventually.Holds("the store answers again", async () => (await _store.Services.Read(Web))?.Revision >= 1);
    }

    [Fact]
    public async Task A_write_that_was_not_answered_is_recognised_when_it_was_stored_all_the_same()
    {
        var record = TestStore.Record(Web, 1);
        _server.Pause();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _store.Write(record));
        _server.Resume();

        // The server finds the write in its socket when it goes on.
        await Eventually.Holds("the write is there", async () => MeshJson.Same(record, await _store.Services.Read(Web)));
        Assert.False(await _store.Write(record));
        Assert.True(await _store.Write(TestStore.Record(Web, 2)));
    }

    [Fact]
    public async Task Says_what_the_server_refused()
    {
        await _store.Redis.StringSetAsync(_store.Keys.Service(Web), "not a hash");

        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(() => _store.Services.Read(Web));

        Assert.Contains("WRONGTYPE", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_so_when_it_is_closed()
    {
        await _multiplexer.DisposeAsync();

        await Assert.ThrowsAsync<StoreUnavailableException>(_store.Services.Ping);
    }

    [Fact]
    public async Task Hears_of_changes_again_after_the_server_was_away()
    {
        var heard = new ConcurrentQueue<ServiceName>();
        using var before = _store.Feed.Subscribe(heard.Enqueue);
        await Hears(heard, ServiceName.Parse("shop/before"));
        _server.Kill();
        await Eventually.Holds("the loss is noticed", () => !_multiplexer.IsConnected);

        var heardToo = new ConcurrentQueue<ServiceName>();
        using var during = _store.Feed.Subscribe(heardToo.Enqueue);
        await _server.Restart();

        await Hears(heard, ServiceName.Parse("shop/after"));
        await Hears(heardToo, ServiceName.Parse("shop/after-too"));
    }

    private async Task Hears(ConcurrentQueue<ServiceName> heard, ServiceName service)
    {
        var revision = 0L;
        await Eventually.Holds($"the change of {service} is heard", async () =>
        {
            revision = (await _store.Services.Read(service))?.Revision ?? 0;
            await _store.Write(TestStore.Record(service, revision + 1));
            return heard.Contains(service);
        });
    }

    private async Task EveryCallFailsInTime()
    {
        Func<Task>[] calls =
        [
            () => _store.Services.Read(Web),
            () => _store.Write(TestStore.Record(Web, 2)),
            () => _store.Services.ReadRevisions(Web),
            () => _store.Services.ReadRevision(Web, 1),
            () => _store.Services.ReadCatalog(CatalogCursor.Start),
            () => _store.ReadAll(),
            () => _store.Services.Ping(),
        ];
        await Task.WhenAll(calls.Select(async call =>
        {
            var started = Stopwatch.GetTimestamp();
            var exception = await Assert.ThrowsAsync<StoreUnavailableException>(call);
            Assert.True(Stopwatch.GetElapsedTime(started) < Promise, $"took {Stopwatch.GetElapsedTime(started)}");
            Assert.Contains("the test's Redis", exception.Message, StringComparison.Ordinal);
        }));
    }
}
