using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests;

/// <summary>Two silos on one Redis; either may be killed.</summary>
public sealed class TwoSilosTests : IAsyncLifetime
{
    private RedisServer _redis = null!;
    private SiloProcess _first = null!;
    private SiloProcess _second = null!;
    private TestApplication _one = null!;
    private TestApplication _two = null!;

    public async ValueTask InitializeAsync()
    {
        _one = await TestApplication.Start("one");
        _two = await TestApplication.Start("two");
        _redis = await RedisServer.Start();
        _first = await SiloProcess.Ready(new SiloSettings { Name = "first", Redis = _redis.ConnectionString });
        _second = await SiloProcess.Ready(new SiloSettings { Name = "second", Redis = _redis.ConnectionString });
        await Eventually.Holds("both silos list both gateways", async () =>
            (await Gateways(_first)) == 2 && (await Gateways(_second)) == 2);
    }

    public async ValueTask DisposeAsync()
    {
        await _second.DisposeAsync();
        await _first.DisposeAsync();
        _redis.Dispose();
        await _one.DisposeAsync();
        await _two.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Either_silo_may_be_killed(bool killsFirst)
    {
        var (killed, survivor) = killsFirst ? (_first, _second) : (_second, _first);
        for (var i = 0; i < 20; i++)
        {
            await _first.Api.AddService($"default/web-{i}", _one.Port);
        }

        await _first.Api.AddService("default/v2", _two.Port);
        await using var proxy = await ProxyProcess.Ready(new ProxySettings { ControlPlane = survivor.Url });
        await proxy.Reaches("web-0", "one");
        await using var calls = SteadyCalls.Through(proxy, "web-0");

        await killed.Kill();

        // Some of the twenty lived on the killed silo; all of them can be written within a few seconds.
        for (var i = 0; i < 20; i++)
        {
            await Eventually.Holds($"web-{i} can be written", async () =>
            {
                using var answer = await survivor.Api.Put($"/v1/services/default/web-{i}/routes/all", """{ "name": "all", "backendRefs": [{ "name": "v2" }] }""");
                return answer.IsSuccessStatusCode;
            });
        }

        await proxy.Reaches("web-0", "two");
        Assert.Empty(calls.Failures);
        await killed.Start();
        await killed.WaitReady();
        await Eventually.Holds("the restarted silo is back", async () => (await Gateways(survivor)) == 2);
    }

    [Fact]
    public async Task A_route_change_on_one_silo_reaches_a_proxy_of_the_other()
    {
        await _first.Api.AddService("default/web", _one.Port);
        await _first.Api.AddService("default/web-v2", _two.Port);
        await using var proxy = await ProxyProcess.Ready(new ProxySettings { ControlPlane = _second.Url });
        await proxy.Reaches("web", "one");

        await _first.Api.RouteAllTo("default/web", "web-v2");
        await proxy.Reaches("web", "two", TimeSpan.FromSeconds(2));
        await _second.Api.RouteAllTo("default/web", "web");
        await proxy.Reaches("web", "one", TimeSpan.FromSeconds(2));
    }

    private static async Task<int> Gateways(SiloProcess silo) =>
        (await silo.Api.Read("/v1/gateways")).GetProperty("gateways").GetArrayLength();
}
