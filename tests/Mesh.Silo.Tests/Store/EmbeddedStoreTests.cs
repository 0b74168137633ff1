using Mesh.Abstractions.Catalog;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Grains.Services;
using Mesh.Grains.Storage;
using Mesh.Silo.Store;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Mesh.Silo.Tests.Store;

public class EmbeddedStoreTests
{
    /// <summary>These tests are not about time, and the machine may be busy.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Keeps_everything_across_a_stop()
    {
        using var directory = new TestDirectory();
        await Write(directory.Data, "web", revisions: 3);
        await Write(directory.Data, "api", revisions: 1);

        Assert.Equal([("api", 1), ("web", 3)], await ReadAll(directory.Data));
    }

    [Fact]
    public async Task Keeps_every_answered_write_when_the_process_is_killed()
    {
        using var directory = new TestDirectory();
        string copy;
        using (var store = EmbeddedStore.Start(directory.Data, NullLoggerFactory.Instance))
        {
            await using var multiplexer = await Connect(store);
            var services = ServicesOf(multiplexer);
            for (var i = 0; i < 300; i++)
            {
                await WriteOne(services, $"web-{i}", revision: 1);
            }

            copy = directory.CopyData();
        }

        var all = await ReadAll(copy);
        Assert.Equal(300, all.Count);
    }

    [Fact]
    public async Task Opens_again_after_a_checkpoint_of_a_large_state()
    {
        using var directory = new TestDirectory();
        using (var store = EmbeddedStore.Start(directory.Data, NullLoggerFactory.Instance))
        {
            await using var multiplexer = await Connect(store);
            var services = ServicesOf(multiplexer);
            var padding = new string('x', 10_000);
            for (var revision = 1; revision <= 40; revision++)
            {
                await Task.WhenAll(Enumerable.Range(0, 100).Select(i => WriteOne(services, $"web-{i}", revision, padding)));
                if (revision % 15 == 0)
                {
                    await multiplexer.GetServers()[0].ExecuteAsync("SAVE");
                }
            }
        }

        var all = await ReadAll(directory.Data);
        Assert.Equal(100, all.Count);
        Assert.All(all, service => Assert.Equal(40, service.Revision));
    }

    [Fact]
    public async Task Lets_nobody_in_without_the_password()
    {
        using var directory = new TestDirectory();
        using var store = EmbeddedStore.Start(directory.Data, NullLoggerFactory.Instance);
        var stranger = ConfigurationOptions.Parse(store.ConnectionString);
        stranger.Password = null;

        await Assert.ThrowsAsync<RedisConnectionException>(async () =>
        {
            await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(stranger);
            await multiplexer.GetDatabase().PingAsync();
        });
    }

    [Fact]
    public void Refuses_a_directory_another_silo_uses()
    {
        using var directory = new TestDirectory();
        using (EmbeddedStore.Start(directory.Data, NullLoggerFactory.Instance))
        {
            var exception = Assert.Throws<StoreStartException>(() => EmbeddedStore.Start(directory.Data, NullLoggerFactory.Instance));

            Assert.Contains(directory.Data, exception.Message, StringComparison.Ordinal);
            Assert.Contains("Mesh:DataDirectory", exception.Message, StringComparison.Ordinal);
        }

        EmbeddedStore.Start(directory.Data, NullLoggerFactory.Instance).Dispose();
    }

    [Fact]
    public void Says_which_directory_it_cannot_use()
    {
        using var directory = new TestDirectory();
        File.WriteAllText(directory.Data, "a file where the directory should be");

        var exception = Assert.Throws<StoreStartException>(() => EmbeddedStore.Start(directory.Data, NullLoggerFactory.Instance));

        Assert.Contains(directory.Data, exception.Message, StringComparison.Ordinal);
        Assert.Contains("Mesh:DataDirectory", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keeps_its_files_to_its_user()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var directory = new TestDirectory();
        using var store = EmbeddedStore.Start(directory.Data, NullLoggerFactory.Instance);

        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(directory.Data));
    }

    private static async Task<ConnectionMultiplexer> Connect(EmbeddedStore store)
    {
        var redis = RedisConfiguration.Of(store.ConnectionString);
        redis.AllowAdmin = true;
        redis.AsyncTimeout = (int)Patience.TotalMilliseconds;
        return await ConnectionMultiplexer.ConnectAsync(redis);
    }

    private static RedisServiceStore ServicesOf(IConnectionMultiplexer multiplexer) => new(
        new RedisCalls(multiplexer, "the test's store", TimeProvider.System) { Limit = Patience }, new RedisKeys("local"), NullLogger<RedisServiceStore>.Instance);

    private static async Task Write(string data, string name, int revisions)
    {
        using var store = EmbeddedStore.Start(data, NullLoggerFactory.Instance);
        await using var multiplexer = await Connect(store);
        for (var revision = 1; revision <= revisions; revision++)
        {
            await WriteOne(ServicesOf(multiplexer), name, revision);
        }
    }

    private static async Task WriteOne(RedisServiceStore services, string name, long revision, string host = "web.example")
    {
        var service = new ServiceName("shop", name);
        var record = new ServiceRecord { Service = service, Revision = revision, Spec = new ServiceSpec { Hosts = [host] } };
        var entry = new CatalogEntry { Service = service, Revision = revision, SpecRevision = revision };
        var change = new ServiceRevision { Revision = revision, At = record.UpdatedAt, Author = "test", Change = "put", Spec = record.Spec };
        Assert.True(await services.Write(record, revision - 1, entry, change));
    }

    private static async Task<List<(string Name, long Revision)>> ReadAll(string data)
    {
        using var store = EmbeddedStore.Start(data, NullLoggerFactory.Instance);
        await using var multiplexer = await Connect(store);
        var all = new List<(string, long)>();
        await foreach (var record in ServicesOf(multiplexer).ReadAll(TestContext.Current.CancellationToken))
        {
            all.Add((record.Service.Name, record.Revision));
        }

        all.Sort();
        return all;
    }
}
