using System.Diagnostics;
using System.Net;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests;

/// <summary>The data plane through outages of the control plane and of the store, with a real Redis.</summary>
public sealed class OutageTests : IAsyncLifetime
{
    private RedisServer _redis = null!;
    private SiloProcess _silo = null!;
    private TestApplication _one = null!;
    private TestApplication _two = null!;

    public async ValueTask InitializeAsync()
    {
        _one = await TestApplication.Start("one");
        _two = await TestApplication.Start("two");
        _redis = await RedisServer.Start(appendOnly: true);
        _silo = await SiloProcess.Ready(new SiloSettings { Redis = _redis.ConnectionString });
        await _silo.Api.AddService("default/web", _one.Port);
        await _silo.Api.AddService("default/web-v2", _two.Port);
    }

    public async ValueTask DisposeAsync()
    {
        await _silo.DisposeAsync();
        _redis.Dispose();
        await _one.DisposeAsync();
        await _two.DisposeAsync();
    }

    [Fact]
    public async Task A_killed_silo_fails_no_call_and_pushes_flow_again_after_its_return()
    {
        await using var proxy = await Proxy();
        await proxy.Reaches("web", "one");
        await using var calls = SteadyCalls.Through(proxy, "web");

        await _silo.Kill();
        var before = calls.Answers;
        await Eventually.Holds("calls go on without control plane", () => calls.Answers > before + 500);
        await _silo.Start();
        await _silo.WaitReady();
        await _silo.Api.RouteAllTo("default/web", "web-v2");

        await proxy.Reaches("web", "two");
        Assert.Empty(calls.Failures);
    }

    [Fact]
    public async Task A_proxy_restarted_without_control_plane_serves_from_its_disk()
    {
        await using var proxy = await Proxy();
        await _silo.Api.RouteAllTo("default/web", "web-v2");
        await proxy.Reaches("web", "two");
        await Eventually.Holds("the snapshots are on disk", () => Directory.Exists(Path.Combine(proxy.DataDirectory, "snapshots"))
            && Directory.GetFiles(Path.Combine(proxy.DataDirectory, "snapshots"), "*.snapshot").Length == 2);
        await _silo.Kill();

        await proxy.Kill();
        await proxy.Start();
        await proxy.WaitReady();

        Assert.Equal("two", await proxy.Body("web"));
        using (var unknown = await proxy.Call("never-heard-of"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, unknown.StatusCode);
        }

        await _silo.Start();
        await _silo.WaitReady();
        await _silo.Api.RouteAllTo("default/web", "web");
        await proxy.Reaches("web", "one");
    }

    [Fact(DisableParallelization = true)]
    public async Task Without_redis_writes_fail_fast_and_everything_else_goes_on()
    {
        await using var proxy = await Proxy();
        await proxy.Reaches("web", "one");
        _redis.Kill();
        await using var calls = SteadyCalls.Through(proxy, "web");

        using var write = await _silo.Api.Put("/v1/services/default/web", """{ "hosts": ["x.example"] }""")
            .WaitAsync(TimeSpan.FromSeconds(4));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, write.StatusCode);
        Assert.Equal("web", (await _silo.Api.Read("/v1/services/default/web")).GetProperty("name").GetString());

        await _redis.Restart();
        await Eventually.Holds("writes work again", async () =>
        {
            using var again = await _silo.Api.Put("/v1/services/default/web/routes/all", """{ "name": "all", "backendRefs": [{ "name": "web-v2" }] }""");
            return again.IsSuccessStatusCode;
        });
        await proxy.Reaches("web", "two");
        Assert.Empty(calls.Failures);
    }

    [Theory(DisableParallelization = true)]
    [InlineData("frozen")]
    [InlineData("full")]
    [InlineData("read-only")]
    public async Task A_redis_that_cannot_take_writes_costs_only_writes(string fault)
    {
        await using var proxy = await Proxy();
        await proxy.Reaches("web", "one");
        await using var calls = SteadyCalls.Through(proxy, "web");
        await (fault switch
        {
            "frozen" => Task.Run(_redis.Pause),
            "full" => _redis.Command("CONFIG", "SET", "maxmemory", "1"),
            _ => _redis.Command("REPLICAOF", "127.0.0.1", "1"),
        });

        var clock = Stopwatch.StartNew();
        using (var write = await _silo.Api.Put("/v1/services/default/web", """{ "hosts": ["x.example"] }"""))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, write.StatusCode);
        }

        // Two seconds are promised; the rest is for a busy machine.
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(4), $"it took {clock.Elapsed}");
        Assert.Equal("web", (await _silo.Api.Read("/v1/services/default/web")).GetProperty("name").GetString());
        await (fault switch
        {
            "frozen" => Task.Run(_redis.Resume),
            "full" => _redis.Command("CONFIG", "SET", "maxmemory", "0"),
            _ => _redis.Command("REPLICAOF", "NO", "ONE"),
        });

        await Eventually.Holds("writes work again", async () =>
        {
            using var again = await _silo.Api.Put("/v1/services/default/web/routes/all", """{ "name": "all", "backendRefs": [{ "name": "web-v2" }] }""");
            return again.IsSuccessStatusCode;
        });
        await proxy.Reaches("web", "two");
        Assert.Empty(calls.Failures);
    }

    private Task<ProxyProcess> Proxy() => ProxyProcess.Ready(new ProxySettings { ControlPlane = _silo.Url });
}
