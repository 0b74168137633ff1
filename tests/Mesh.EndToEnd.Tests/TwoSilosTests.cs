using System.Net;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests;

/// <summary>Two silos on one Redis; either may be killed.</summary>
public sealed class TwoSilosTests : IAsyncLifetime
{
    /// <summary>So many that both silos have some of their grains.</summary>
    private const int Services = 20;

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
        _first = SiloProcess.Launch(new SiloSettings { Name = "first", Redis = _redis.ConnectionString });
        _second = SiloProcess.Launch(new SiloSettings { Name = "second", Redis = _redis.ConnectionString });
        await Task.WhenAll(_first.WaitReady(), _second.WaitReady());
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
        for (var i = 0; i < Services; i++)
        {
            await _first.Api.AddService($"default/web-{i}", _one.Port);
        }

        await _first.Api.AddService("default/v2", _two.Port);
        await using var proxy = await ProxyProcess.Ready(new ProxySettings { ControlPlane = survivor.Url });
        await proxy.Reaches("web-0", "one");
        await using var calls = SteadyCalls.Through(proxy, "web-0");

        await killed.Kill();

        // Some of the twenty lived on the killed silo; all of them can be written within a few seconds.
        for (var i = 0; i < Services; i++)
        {
            await Eventually.Holds($"web-{i} can be written", () => TryRoute(survivor, i, "v2"));
        }

        await proxy.Reaches("web-0", "two");
        Assert.Empty(calls.Failures);
        await killed.Start();
        await killed.WaitReady();
        await Eventually.Holds("the restarted silo is back", async () => (await Gateways(survivor)) == 2);
    }

    [Fact]
    public async Task A_silo_that_was_frozen_does_nothing_on_what_it_knew()
    {
        for (var i = 0; i < Services; i++)
        {
            await _first.Api.AddService($"default/web-{i}", _one.Port);
        }

        await _first.Api.AddService("default/v2", _two.Port);
        await using var proxy = await ProxyProcess.Ready(new ProxySettings
        {
            ControlPlane = _first.Url,
            More = new Dictionary<string, string> { ["Mesh:ControlPlane"] = $"{_first.Url},{_second.Url}" },
        });
        await proxy.Reaches("web-0", "one");
        await using var calls = SteadyCalls.Through(proxy, "web-0");

        _first.Process.Stop();
        for (var i = 0; i < Services; i++)
        {
            await Eventually.Holds($"web-{i} can be written while a silo is frozen", () => TryRoute(_second, i, "v2"));
        }

        await proxy.Reaches("web-0", "two");
        await Eventually.Holds("the frozen silo was evicted", async () => (await Gateways(_second)) == 1);

        // It wakes up with grains that others have by now, and is asked at once to write with them.
        _first.Process.Continue();
        var writes = await Task.WhenAll(Enumerable.Range(0, Services).Select(async i => (Service: i, IsAcknowledged: await TryRoute(_first, i, $"web-{i}"))));
        await Eventually.Holds("the frozen silo has ended, as it was evicted", () => _first.Process.HasExited, TimeSpan.FromSeconds(30));
        foreach (var (service, isAcknowledged) in writes)
        {
            await Eventually.Holds(
                isAcknowledged ? $"web-{service} has what the thawed silo acknowledged" : $"web-{service} has what was written while it was frozen, or at last",
                async () =>
                {
                    var route = await _second.Api.Read($"/v1/services/default/web-{service}/routes/all");
                    var backend = route.GetProperty("backendRefs")[0].GetProperty("name").GetString();
                    return backend == $"web-{service}" || (!isAcknowledged && backend == "v2") ? true : throw new InvalidDataException($"it has {route}");
                });
        }

        Assert.Empty(calls.Failures);
        await _first.Start();
        await _first.WaitReady();
        await Eventually.Holds("the restarted silo is back", async () => (await Gateways(_second)) == 2);
    }

    [Fact]
    public async Task A_refusal_of_the_store_is_told_whichever_silo_owns_the_service()
    {
        for (var i = 0; i < Services; i++)
        {
            await _first.Api.AddService($"default/web-{i}", _one.Port);
        }

        await _redis.Command("REPLICAOF", "127.0.0.1", "1");
        for (var i = 0; i < Services; i++)
        {
            using var answer = await _first.Api.Put($"/v1/services/default/web-{i}", """{ "hosts": ["x.example"] }""");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        }
    }

    [Fact]
    public async Task All_silos_may_be_killed_at_once()
    {
        await _first.Api.AddService("default/web-0", _one.Port);
        await _first.Api.AddService("default/v2", _two.Port);
        await using var proxy = await ProxyProcess.Ready(new ProxySettings { ControlPlane = _first.Url });
        await proxy.Reaches("web-0", "one");
        await using var calls = SteadyCalls.Through(proxy, "web-0");

        await Task.WhenAll(_first.Kill(), _second.Kill());
        var before = calls.Answers;
        await Eventually.Holds("calls go on without silos", () => calls.Answers > before + 500);
        await Task.WhenAll(_first.Start(), _second.Start());
        await Task.WhenAll(_first.WaitReady(), _second.WaitReady());

        await Eventually.Holds("the restarted silos list each other, and nobody else", async () => (await Gateways(_first)) == 2 && (await Gateways(_second)) == 2);
        await Eventually.Holds("routes can be changed again", () => TryRoute(_second, 0, "v2"));
        await proxy.Reaches("web-0", "two");
        Assert.Empty(calls.Failures);
    }

    [Fact]
    public async Task A_store_that_was_emptied_gets_services_and_membership_back()
    {
        for (var i = 0; i < Services; i++)
        {
            await _first.Api.AddService($"default/web-{i}", _one.Port);
        }

        await _first.Api.AddService("default/v2", _two.Port);
        await using var proxy = await ProxyProcess.Ready(new ProxySettings { ControlPlane = _second.Url });
        await proxy.Reaches("web-0", "one");
        await using var calls = SteadyCalls.Through(proxy, "web-0");
        var bundle = (await _first.Api.Read("/v1/identity/bundle")).GetProperty("bundle").GetString();
        await Eventually.Holds("both silos have seen the table", async () => (await _redis.Command("EXISTS", "mesh-local/members/mesh-local")) == ":1");

        await _redis.Command("FLUSHALL");

        await Eventually.Holds("the authority is back", async () => (await _redis.Command("HLEN", "mesh:local:identity:{local:identity}:authorities")) == ":1");
        await Eventually.Holds("the membership table is back", async () => (await _redis.Command("HLEN", "mesh-local/members/mesh-local")) == ":3");
        await Eventually.Holds("every service is stored again", async () =>
            (await _second.Api.Read("/v1/export")).GetProperty("services").GetArrayLength() == Services + 1);

        // A table that is whole lets a dead silo be evicted, and a new one join.
        await _first.Kill();
        for (var i = 0; i < Services; i++)
        {
            await Eventually.Holds($"web-{i} can be written", () => TryRoute(_second, i, "v2"));
        }

        await proxy.Reaches("web-0", "two");
        await _first.Start();
        await _first.WaitReady();
        await Eventually.Holds("the restarted silo is back", async () => (await Gateways(_second)) == 2);
        Assert.Equal(bundle, (await _first.Api.Read("/v1/identity/bundle")).GetProperty("bundle").GetString());
        Assert.Empty(calls.Failures);
    }

    [Fact(DisableParallelization = true)]
    public async Task A_route_change_on_one_silo_reaches_a_proxy_of_the_other()
    {
        await _first.Api.AddService("default/web", _one.Port);
        await _first.Api.AddService("default/web-v2", _two.Port);
        await using var proxy = await ProxyProcess.Ready(new ProxySettings { ControlPlane = _second.Url });
        await proxy.Reaches("web", "one");

        // Often, since the proxy's acknowledgement goes through either silo, and the next push waits for it. A renewal,
        // every 3 s, would hide one that got lost.
        for (var i = 0; i < 8; i++)
        {
            await _first.Api.RouteAllTo("default/web", "web-v2");
            await proxy.Reaches("web", "two", TimeSpan.FromSeconds(2));
            await _second.Api.RouteAllTo("default/web", "web");
            await proxy.Reaches("web", "one", TimeSpan.FromSeconds(2));
        }
    }

    /// <returns>Whether the write was acknowledged.</returns>
    private static async Task<bool> TryRoute(SiloProcess silo, int service, string backend)
    {
        try
        {
            using var answer = await silo.Api.Put(
                $"/v1/services/default/web-{service}/routes/all", $$"""{ "name": "all", "backendRefs": [{ "name": "{{backend}}" }] }""");
            return answer.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task<int> Gateways(SiloProcess silo) =>
        (await silo.Api.Read("/v1/gateways")).GetProperty("gateways").GetArrayLength();
}
