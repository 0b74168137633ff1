using System.Text.Json;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Tests.Hosting;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Tap;

/// <summary>What watchers see of requests that come from the mesh.</summary>
public sealed class TapInboundTests : IAsyncLifetime
{
    private Upstream _application = null!;

    public async ValueTask InitializeAsync() => _application = await Upstream.NamedAsync("app");

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    [Fact]
    public async Task A_service_is_watched_both_ways()
    {
        await using var proxy = await ProxyHost.StartAsync(
            new AppOptions("127.0.0.1", _application.Port), configure: static options => options with { Service = new("shop", "web") });
        proxy.Serve("shop/web", new ServiceSpec(), At(_application.Port));
        proxy.Serve("shop/other", new ServiceSpec(), At(_application.Port));
        await using var tap = await TapReader.OpenAsync(proxy, "?service=shop/web");
        await using var others = await TapReader.OpenAsync(proxy, "?service=shop/other");

        await Call(proxy, proxy.Addresses.Inbound!, "/in");
        await Call(proxy, proxy.Addresses.Outbound, "/out", ("Host", "web"));
        await Call(proxy, proxy.Addresses.Outbound, "/other", ("Host", "other"));

        Assert.Equal(("inbound", "shop/web", "/in"), Of(await tap.NextAsync()));
        Assert.Equal(("outbound", "shop/web", "/out"), Of(await tap.NextAsync()));
        Assert.Equal(("outbound", "shop/other", "/other"), Of(await others.NextAsync()));
    }

    [Fact]
    public async Task A_gateway_shows_the_service_that_is_wanted_and_no_rule()
    {
        await using var gateway = await ProxyHost.StartAsync(configure: static options => options with { IsGateway = true });
        gateway.Serve("shop/web", new ServiceSpec(), At(_application.Port));
        await using var tap = await TapReader.OpenAsync(gateway, "?service=shop/web");

        await Call(gateway, gateway.Addresses.Inbound!, "/none", ("mesh-backend", "shop/nobody"));
        await Call(gateway, gateway.Addresses.Inbound!, "/in", ("mesh-backend", "shop/web"));

        var seen = await tap.NextAsync();
        Assert.Equal(("inbound", "shop/web", "/in"), Of(seen));
        Assert.Equal("e1", seen.GetProperty("endpoint").GetString());
        Assert.False(seen.TryGetProperty("rule", out _));
    }

    private static async Task Call(ProxyHost proxy, Uri address, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, path));
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await proxy.Http1.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static (string? Direction, string? Service, string? Path) Of(JsonElement seen) =>
        (seen.GetProperty("direction").GetString(), seen.GetProperty("service").GetString(), seen.GetProperty("path").GetString());
}
