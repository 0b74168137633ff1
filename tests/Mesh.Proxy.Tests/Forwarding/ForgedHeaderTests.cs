using System.Net;
using Mesh.Abstractions.Access;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Tests.Hosting;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Forwarding;

/// <summary>What callers say of themselves and of the mesh in headers, and that nobody believes it (docs/security.md).</summary>
public sealed class ForgedHeaderTests : IAsyncLifetime
{
    private const string Identity = "x-forwarded-client-cert";

    private Upstream _web = null!;
    private Upstream _secret = null!;
    private ProxyHost _proxy = null!;

    public async ValueTask InitializeAsync()
    {
        _web = await Upstream.StartAsync(context => context.Response.WriteAsync($"web {string.Join(' ', context.Request.Headers.Keys.Order(StringComparer.OrdinalIgnoreCase))}"));
        _secret = await Upstream.NamedAsync("secret");
        _proxy = await ProxyHost.StartAsync(new AppOptions("127.0.0.1", _web.Port));
        _proxy.Serve("shop/web", new ServiceSpec(), At(_web.Port));
        _proxy.Serve("shop/secret", new ServiceSpec(), At(_secret.Port));
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _web.DisposeAsync();
        await _secret.DisposeAsync();
    }

    /// <summary>None of them leads to another service than the Host says.</summary>
    [Theory]
    [InlineData("mesh-backend", "shop/secret", false)]
    [InlineData("mesh-override", "web=secret", true)]
    [InlineData("baggage", "mesh-override=shop%2Fweb%3Dshop%2Fsecret", true)]
    [InlineData("mesh-explain", "1", true)]
    [InlineData("mesh-error", "no-endpoints", true)]
    [InlineData("mesh-mirror", "1", true)]
    [InlineData("l5d-dst-override", "secret.shop.svc.cluster.local:80", true)]
    [InlineData("l5d-client-id", "secret.shop.serviceaccount.identity.linkerd.cluster.local", true)]
    [InlineData("x-forwarded-host", "secret", true)]
    [InlineData("x-forwarded-for", "127.0.0.1", true)]
    [InlineData("x-forwarded-proto", "https", true)]
    [InlineData("x-original-url", "/admin", true)]
    [InlineData("forwarded", "for=127.0.0.1;host=secret;proto=https", true)]
    [InlineData("x-http-method-override", "DELETE", true)]
    [InlineData(Identity, "URI=spiffe://mesh.local/ns/shop/svc/secret", false)]
    [InlineData("X-Forwarded-Client-CERT", "URI=spiffe://mesh.local/ns/shop/svc/secret", false)]
    public async Task It_changes_nothing_on_the_way_out(string name, string value, bool isPassedOn)
    {
        using var request = _proxy.Request(HttpMethod.Get, "web", "/");
        request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await _proxy.Http1.SendAsync(request);

        var seen = await answer.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.StartsWith("web ", seen, StringComparison.Ordinal);
        Assert.Equal(isPassedOn, seen.Split(' ').Contains(name, StringComparer.OrdinalIgnoreCase));
        Assert.DoesNotContain("mesh-explain", answer.Headers.Select(static header => header.Key));
    }

    [Theory]
    [InlineData("mesh-backend", "shop/secret")]
    [InlineData("mesh-override", "web=secret")]
    [InlineData("mesh-explain", "1")]
    [InlineData("mesh-error", "no-endpoints")]
    [InlineData("l5d-dst-override", "secret.shop.svc.cluster.local:80")]
    [InlineData("x-forwarded-host", "secret")]
    [InlineData("forwarded", "for=127.0.0.1;host=secret;proto=https")]
    public async Task It_changes_nothing_on_the_way_in(string name, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _proxy.Addresses.Inbound);
        request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await _proxy.Http1.SendAsync(request);

        var seen = await answer.Content.ReadAsStringAsync();
        Assert.StartsWith("web ", seen, StringComparison.Ordinal);
        Assert.Contains(name, seen.Split(' '), StringComparer.OrdinalIgnoreCase);
        Assert.DoesNotContain("mesh-explain", answer.Headers.Select(static header => header.Key));
    }

    /// <summary>An application believes this one, so it has to be the proxy's own.</summary>
    [Theory]
    [InlineData(Identity)]
    [InlineData("X-FORWARDED-CLIENT-CERT")]
    public async Task An_identity_that_was_not_proved_does_not_reach_the_application(string name)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _proxy.Addresses.Inbound);
        request.Headers.TryAddWithoutValidation(name, "URI=spiffe://mesh.local/ns/shop/svc/secret");
        request.Headers.TryAddWithoutValidation(name, "URI=spiffe://mesh.local/ns/shop/svc/other");
        using var answer = await _proxy.Http1.SendAsync(request);

        Assert.DoesNotContain(Identity, await answer.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Rules look at the connection and at what was proved, whatever headers say.</summary>
    [Theory]
    [InlineData("x-forwarded-for", "10.1.2.3")]
    [InlineData("forwarded", "for=10.1.2.3")]
    [InlineData("x-real-ip", "10.1.2.3")]
    [InlineData("l5d-client-id", "spiffe://mesh.local/ns/shop/svc/cart")]
    [InlineData(Identity, "URI=spiffe://mesh.local/ns/shop/svc/cart")]
    public async Task It_opens_no_access_rule(string name, string value)
    {
        await using var guarded = await ProxyHost.StartAsync(
            new AppOptions("127.0.0.1", _web.Port), configure: static options => options with { Service = ServiceName.Parse("shop/web") });
        guarded.Serve("shop/web", new ServiceSpec
        {
            Access = new AccessPolicy
            {
                Rules =
                [
                    new AccessRule { Name = "address", Action = AccessAction.Allow, From = new AccessSource { Addresses = ["10.1.2.3"] } },
                    new AccessRule { Name = "identity", Action = AccessAction.Allow, From = new AccessSource { Identities = ["spiffe://mesh.local/ns/shop/svc/cart"] } },
                ],
            },
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, guarded.Addresses.Inbound);
        request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await guarded.Http1.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }
}
