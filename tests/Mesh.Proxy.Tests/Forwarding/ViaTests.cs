using System.Net;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Tests.Hosting;
using Microsoft.Extensions.Primitives;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Forwarding;

public sealed class ViaTests
{
    private static readonly ViaEntry Own = new("mesh-1-a");

    [Theory]
    [InlineData("1.1 mesh-1-a", true)]
    [InlineData("1.1 other, 2.0  mesh-1-a (comment), 1.1 mesh-2-b", true)]
    [InlineData("1.1 mesh-1-b, 1.1 mesh-1-aa", false)]
    [InlineData("1.1 other (mesh-1-a)", false)]
    [InlineData("HTTP/1.1 mesh-1-a", true)]
    [InlineData(", ,nonsense,1.1", false)]
    public void Finds_its_own_name(string via, bool isLoop) => Assert.Equal(isLoop, Via.FindLoop(via, Own) is not null);

    [Fact]
    public void Finds_its_own_name_in_any_line() => Assert.NotNull(Via.FindLoop(new StringValues(["1.1 x", "1.1 mesh-1-a", "1.1 y"]), Own));

    [Fact]
    public void Counts_the_mesh_and_nobody_else()
    {
        Assert.NotNull(Via.FindLoop(Repeat("1.1 mesh-x", Via.MaxHops), Own));
        Assert.Null(Via.FindLoop(Repeat("1.1 mesh-x", Via.MaxHops - 1), Own));
        Assert.Null(Via.FindLoop(Repeat("1.1 proxy", 100), Own));
    }

    [Fact]
    public void An_application_may_be_called_again_for_its_own_call()
    {
        var via = new Via();

        Assert.Null(via.FindInboundLoop($"1.1 {via.Inbound.Pseudonym}, 1.1 mesh-2-x"));
        Assert.NotNull(via.FindInboundLoop($"1.1 mesh-2-x, 1.1 {via.Inbound.Pseudonym}"));
    }

    [Theory]
    [InlineData(false, "1.1 mesh-")]
    [InlineData(true, "2.0 mesh-")]
    public async Task Says_how_the_request_came(bool isHttp2, string expected)
    {
        await using var upstream = await Upstream.StartAsync(context => context.Response.WriteAsync(context.Request.Headers.Via.ToString()));
        await using var proxy = await ProxyHost.StartAsync();
        proxy.Serve("shop/web", new ServiceSpec(), At(upstream.Port));

        using var response = await proxy.GetAsync("web", client: isHttp2 ? proxy.Http2 : proxy.Http1);

        Assert.StartsWith(expected, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_that_is_the_outbound_listener_itself_is_found_out()
    {
        await using var proxy = await ProxyHost.StartAsync();
        proxy.Serve("shop/web", new ServiceSpec(), At(proxy.Addresses.Outbound.Port));

        using var response = await proxy.GetAsync("web");

        Assert.Equal((508, "loop"), ((int)response.StatusCode, response.Headers.GetValues("mesh-error").Single()));
        Assert.Equal(1, proxy.Table.GetOrAdd(new("shop", "web")).Model!.Endpoints.All[0].Stats.Requests);
    }

    [Fact]
    public async Task Two_proxies_that_send_a_request_to_each_other_are_found_out()
    {
        await using var one = await ProxyHost.StartAsync();
        await using var two = await ProxyHost.StartAsync();
        one.Serve("shop/web", new ServiceSpec(), At(two.Addresses.Outbound.Port));
        two.Serve("shop/web", new ServiceSpec(), At(one.Addresses.Outbound.Port));

        using var response = await one.GetAsync("web");

        Assert.Equal(HttpStatusCode.LoopDetected, response.StatusCode);
    }

    [Fact]
    public async Task An_application_port_that_is_the_inbound_listener_itself_is_found_out()
    {
        var port = Mesh.Testing.FreePort.Next();
        await using var proxy = await ProxyHost.StartAsync(
            new AppOptions("127.0.0.1", port), configure: options => options with { InboundUrl = $"http://127.0.0.1:{port}" });

        using var response = await proxy.Http1.GetAsync(proxy.Addresses.Inbound);

        Assert.Equal((508, "loop"), ((int)response.StatusCode, response.Headers.GetValues("mesh-error").Single()));
    }

    [Fact]
    public async Task An_application_that_copies_Via_may_call_others_through_the_same_proxy()
    {
        await using var last = await Upstream.StartAsync(context => context.Response.WriteAsync(context.Request.Headers.Via.ToString()));
        var proxy = default(ProxyHost);
        await using var middle = await Upstream.StartAsync(async context =>
        {
            using var request = proxy!.Request(HttpMethod.Get, "last", "/");
            request.Headers.TryAddWithoutValidation("Via", (IEnumerable<string>)context.Request.Headers.Via!);
            using var response = await proxy.Http1.SendAsync(request);
            context.Response.StatusCode = (int)response.StatusCode;
            await context.Response.WriteAsync(await response.Content.ReadAsStringAsync());
        });
        await using var started = proxy = await ProxyHost.StartAsync(new AppOptions("127.0.0.1", middle.Port));
        proxy.Serve("shop/middle", new ServiceSpec(), At(proxy.Addresses.Inbound!.Port));
        proxy.Serve("shop/last", new ServiceSpec(), At(last.Port));

        using var response = await proxy.GetAsync("middle");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(3, (await response.Content.ReadAsStringAsync()).Split(',').Length);
    }

    private static string Repeat(string entry, int count) => string.Join(", ", Enumerable.Repeat(entry, count));
}
