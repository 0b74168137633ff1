using System.Net;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests;

/// <summary>The way of a call and of a route change through real processes, with the embedded store.</summary>
public sealed class RouteChangeTests : IAsyncLifetime
{
    private SiloProcess _silo = null!;
    private ProxyProcess _proxy = null!;
    private TestApplication _one = null!;
    private TestApplication _two = null!;

    public async ValueTask InitializeAsync()
    {
        _one = await TestApplication.Start("one");
        _two = await TestApplication.Start("two");
        _silo = await SiloProcess.Ready();
        _proxy = await ProxyProcess.Ready(new ProxySettings { ControlPlane = _silo.Url });
        await _silo.Api.AddService("default/web", _one.Port);
        await _silo.Api.AddService("default/web-v2", _two.Port);
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _silo.DisposeAsync();
        await _one.DisposeAsync();
        await _two.DisposeAsync();
    }

    [Fact(DisableParallelization = true)]
    public async Task A_changed_route_sends_the_next_calls_elsewhere_and_fails_none()
    {
        await _proxy.Reaches("web", "one");
        await using var calls = SteadyCalls.Through(_proxy, "web", isDense: true);

        for (var round = 0; round < 5; round++)
        {
            await _silo.Api.RouteAllTo("default/web", "web-v2");
            await _proxy.Reaches("web", "two", TimeSpan.FromSeconds(2));
            await _silo.Api.RouteAllTo("default/web", "web");
            await _proxy.Reaches("web", "one", TimeSpan.FromSeconds(2));
        }

        Assert.Empty(calls.Failures);
    }

    [Fact(DisableParallelization = true)]
    public async Task A_service_is_found_as_soon_as_it_appears()
    {
        using (var before = await _proxy.Call("late"))
        {
            Assert.Equal(HttpStatusCode.NotFound, before.StatusCode);
            Assert.Equal("unknown-service", before.Headers.GetValues("mesh-error").Single());
        }

        await _silo.Api.AddService("default/late", _one.Port);

        await _proxy.Reaches("late", "one", TimeSpan.FromSeconds(2));
        await _proxy.Reaches("late.default", "one");
        await _proxy.Reaches("late.default.svc.cluster.local:80", "one");
    }

    [Fact]
    public async Task An_alias_works_and_moves_with_its_service()
    {
        await _silo.Api.Write("/v1/services/default/web", """{ "hosts": ["www.example"] }""");
        await _proxy.Reaches("www.example", "one");

        await _silo.Api.Write("/v1/services/default/web", "{}");
        await _silo.Api.Write("/v1/services/default/web-v2", """{ "hosts": ["www.example"] }""");

        await _proxy.Reaches("www.example", "two");
    }

    [Fact]
    public async Task A_deleted_service_is_unknown_and_comes_back()
    {
        await _proxy.Reaches("web-v2", "two");
        using (await _silo.Api.DeleteAsync("/v1/services/default/web-v2"))
        {
            await Eventually.Holds("the service is gone", async () =>
            {
                using var answer = await _proxy.Call("web-v2");
                return answer.StatusCode == HttpStatusCode.NotFound;
            });
        }

        await _silo.Api.AddService("default/web-v2", _two.Port);

        await _proxy.Reaches("web-v2", "two");
    }

    [Fact]
    public async Task The_api_shows_which_revision_each_proxy_uses()
    {
        await _proxy.Reaches("web", "one");
        await _silo.Api.RouteAllTo("default/web", "web-v2");
        await _proxy.Reaches("web", "two");
        var revision = (await _silo.Api.Read("/v1/services/default/web")).GetProperty("revision").GetInt64();

        await Eventually.Holds("the proxy is listed with the newest revision", async () =>
            (await _silo.Api.Read("/v1/proxies")).GetProperty("items").EnumerateArray()
                .SelectMany(proxy => proxy.GetProperty("subscriptions").EnumerateArray())
                .Any(subscription => subscription.GetProperty("service").GetString() == "default/web"
                    && subscription.GetProperty("appliedRevision").GetInt64() == revision));
    }

    [Fact]
    public async Task State_survives_a_killed_silo_with_its_embedded_store()
    {
        await _silo.Api.RouteAllTo("default/web", "web-v2");

        await _silo.Kill();
        await _silo.Start();
        await _silo.WaitReady();

        var routes = await _silo.Api.Read("/v1/services/default/web/routes");
        Assert.Equal("all", routes.GetProperty("items")[0].GetProperty("name").GetString());
        await _proxy.Reaches("web", "two");
        await _silo.Api.RouteAllTo("default/web", "web");
        await _proxy.Reaches("web", "one");
    }

    [Fact]
    public async Task Of_two_clients_with_the_same_etag_the_second_is_refused()
    {
        using var read = await _silo.Api.GetAsync("/v1/services/default/web");
        var etag = read.Headers.ETag!.ToString();

        using var first = await _silo.Api.Put("/v1/services/default/web", """{ "hosts": ["first.example"] }""", etag);
        using var second = await _silo.Api.Put("/v1/services/default/web", """{ "hosts": ["second.example"] }""", etag);

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(HttpStatusCode.PreconditionFailed, second.StatusCode);
        Assert.Equal("first.example", (await _silo.Api.Read("/v1/services/default/web")).GetProperty("hosts")[0].GetString());
    }
}
