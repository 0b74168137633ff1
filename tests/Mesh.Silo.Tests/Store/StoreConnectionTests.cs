using System.Net;
using Mesh.Grains.Storage;
using Mesh.Silo.Store;
using Mesh.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Configuration;
using Orleans.Hosting;

namespace Mesh.Silo.Tests.Store;

public class StoreConnectionTests
{
    [Fact]
    public async Task Opens_a_Redis_and_gives_the_store_and_its_feed()
    {
        using var server = await RedisServer.Start();
        await using var connection = await Open(new StoreOptions { Redis = server.ConnectionString, Region = "eu" });
        await using var services = new ServiceCollection().AddLogging().AddMeshStore(connection).BuildServiceProvider();

        await services.GetRequiredService<IServiceStore>().Ping();
        Assert.NotNull(services.GetRequiredService<IChangeFeed>());
        Assert.Equal($"Redis at 127.0.0.1:{server.Port} (Mesh:Redis)", connection.Name);
    }

    [Fact]
    public async Task Opens_the_embedded_store_where_no_Redis_is_named()
    {
        using var directory = new TestDirectory();
        await using var connection = await Open(new StoreOptions { DataDirectory = directory.Data });

        Assert.Contains(directory.Data, connection.Name, StringComparison.Ordinal);
        Assert.True(await connection.Multiplexer.GetDatabase().StringSetAsync("x", "1"));
    }

    [Fact]
    public async Task Waits_for_a_server_that_starts_together_with_the_silo()
    {
        using var server = await RedisServer.Start();
        server.Kill();
        var opening = Open(new StoreOptions { Redis = server.ConnectionString });
        await server.Restart();

        await using var connection = await opening;
    }

    [Fact]
    public async Task Gives_up_on_a_server_that_does_not_answer_and_says_what_to_look_at()
    {
        var port = FreePort.Next();

        var exception = await Assert.ThrowsAsync<StoreStartException>(
            () => Open(new StoreOptions { Redis = $"127.0.0.1:{port},password=secret-of-redis" }));

        Assert.Contains($"127.0.0.1:{port}", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Mesh:Redis", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-of-redis", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Frees_the_data_directory_when_it_is_closed()
    {
        using var directory = new TestDirectory();
        await (await Open(new StoreOptions { DataDirectory = directory.Data })).DisposeAsync();

        await using var again = await Open(new StoreOptions { DataDirectory = directory.Data });
    }

    [Fact]
    public async Task Forgets_the_members_of_a_silo_that_was_killed()
    {
        using var directory = new TestDirectory();
        var options = new StoreOptions { DataDirectory = directory.Data };
        await using (var before = await Open(options))
        {
            using var host = await StartSilo(before);

            // Proves that the key is the one Orleans uses.
            Assert.True(await before.Multiplexer.GetDatabase().KeyExistsAsync(MeshClustering.MembershipKey("local")));
            await host.StopAsync(TestContext.Current.CancellationToken);
            Assert.True(await before.Multiplexer.GetDatabase().KeyExistsAsync(MeshClustering.MembershipKey("local")));
        }

        await using var after = await Open(options);
        Assert.False(await after.Multiplexer.GetDatabase().KeyExistsAsync(MeshClustering.MembershipKey("local")));
    }

    [Fact]
    public async Task Keeps_the_members_on_a_shared_Redis()
    {
        using var server = await RedisServer.Start();
        var options = new StoreOptions { Redis = server.ConnectionString };
        await using var first = await Open(options);
        using var host = await StartSilo(first);

        await using var second = await Open(options);

        Assert.True(await second.Multiplexer.GetDatabase().KeyExistsAsync(MeshClustering.MembershipKey("local")));
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    private static Task<StoreConnection> Open(StoreOptions options) =>
        StoreConnection.OpenAsync(options, NullLoggerFactory.Instance, TimeProvider.System, TestContext.Current.CancellationToken);

    private static async Task<IHost> StartSilo(StoreConnection store)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo => silo
            .UseMeshClustering(store)
            .Configure<EndpointOptions>(endpoints =>
            {
                endpoints.AdvertisedIPAddress = IPAddress.Loopback;
                endpoints.SiloPort = FreePort.Next();
                endpoints.GatewayPort = FreePort.Next();
            }));
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }
}
