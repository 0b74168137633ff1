using System.Diagnostics;
using System.Globalization;
using System.Net;
using Garnet;
using Garnet.server;
using Mesh.Grains.Storage;
using Mesh.Silo.Store;
using Mesh.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Mesh.Silo.Tests.Store;

public class ScriptAtomicityCheckTests
{
    [Fact]
    public async Task Passes_on_Redis()
    {
        using var server = await RedisServer.Start();

        await PassesQuickly(server.ConnectionString);
    }

    [Fact]
    public async Task Passes_on_the_embedded_store()
    {
        using var directory = new TestDirectory();
        using var store = EmbeddedStore.Start(directory.Data, NullLoggerFactory.Instance);

        await PassesQuickly(store.ConnectionString);
    }

    [Fact]
    public async Task Refuses_a_server_that_mixes_scripts()
    {
        using var garnet = StartGarnet(lua: true, out var connectionString);

        var exception = await Assert.ThrowsAsync<StoreStartException>(() => Check(connectionString));

        Assert.Contains("run at the same time", exception.Message, StringComparison.Ordinal);
        Assert.Contains("--lua-transaction-mode", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_server_without_scripts()
    {
        using var garnet = StartGarnet(lua: false, out var connectionString);

        var exception = await Assert.ThrowsAsync<StoreStartException>(() => Check(connectionString));

        Assert.Contains("--lua", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leaves_nothing_behind()
    {
        using var server = await RedisServer.Start();
        await Check(server.ConnectionString);

        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        Assert.Equal(0, await multiplexer.GetServers()[0].DatabaseSizeAsync());
    }

    private static Task Check(string connectionString) => ScriptAtomicityCheck.Run(
        RedisConfiguration.Of(connectionString), new RedisKeys("local"), "the test's server", TestContext.Current.CancellationToken);

    /// <summary>A start-up must not wait for it; the quickest of some counts, as the machine may be busy.</summary>
    private static async Task PassesQuickly(string connectionString)
    {
        var quickest = TimeSpan.MaxValue;
        for (var i = 0; i < 5; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await Check(connectionString);
            var took = Stopwatch.GetElapsedTime(started);
            quickest = took < quickest ? took : quickest;
        }

        Assert.InRange(quickest, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    private static GarnetServer StartGarnet(bool lua, out string connectionString)
    {
        var port = FreePort.Next();
        connectionString = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
        var server = new GarnetServer(new GarnetServerOptions
        {
            EndPoints = [new IPEndPoint(IPAddress.Loopback, port)],
            QuietMode = true,
            EnableLua = lua,
            LuaOptions = new LuaOptions(),
            LuaTransactionMode = false,
            LogMemorySize = "8m",
            PageSize = "64k",
            IndexMemorySize = "64k",
        });
        server.Start();
        return server;
    }
}
