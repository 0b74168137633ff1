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
            await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(RedisConfiguration.Of(store.ConnectionString));
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
    public async Task Does_not_forget_what_does_not_fit_into_its_memory()
    {
        using var directory = new TestDirectory();
        using (var store = EmbeddedStore.Start(directory.Data, NullLoggerFactory.Instance))
        {
            await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(RedisConfiguration.Of(store.ConnectionString));
            var services = ServicesOf(multiplexer);
            var padding = new string('x', 40_000);
            for (var i = 0; i < 500; i++)
            {
                await WriteOne(services, $"web-{i}", revision: 1, padding);
            }
        }

        Assert.Equal(500, (await ReadAll(directory.Data)).Count);
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

    private static RedisServiceStore ServicesOf(IConnectionMultiplexer multiplexer) => new(
        new RedisCalls(multiplexer, "the test's store", TimeProvider.System), new RedisKeys("local"), NullLogger<RedisServiceStore>.Instance);

    private static async Task Write(string data, string name, int revisions)
    {
        using var store = EmbeddedStore.Start(data, NullLoggerFactory.Instance);
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(RedisConfiguration.Of(store.ConnectionString));
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
        Assert.True(await services.Write(record, revision - 1, entry, revision: null));
    }

    private static async Task<List<(string Name, long Revision)>> ReadAll(string data)
    {
        using var store = EmbeddedStore.Start(data, NullLoggerFactory.Instance);
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(RedisConfiguration.Of(store.ConnectionString));
        var all = new List<(string, long)>();
        await foreach (var record in ServicesOf(multiplexer).ReadAll(TestContext.Current.CancellationToken))
        {
            all.Add((record.Service.Name, record.Revision));
        }

        all.Sort();
        return all;
    }
}
