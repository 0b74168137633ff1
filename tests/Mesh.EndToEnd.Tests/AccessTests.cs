using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests;

/// <summary>Who may call, said at the management API and enforced by the application's proxy.</summary>
public sealed class AccessTests : IAsyncLifetime
{
    private SiloProcess _silo = null!;
    private TestApplication _app = null!;

    public async ValueTask InitializeAsync()
    {
        _app = await TestApplication.Start("one");
        _silo = await SiloProcess.Ready();
    }

    public async ValueTask DisposeAsync()
    {
        await _silo.DisposeAsync();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Rules_are_enforced_explained_and_survive_a_restart_without_the_control_plane()
    {
        var sidecarSettings = new ProxySettings
        {
            Name = "sidecar",
            ControlPlane = _silo.Url,
            Service = "shop/web",
            AppPort = _app.Port,
            More = await Identity("shop/web", "sidecar"),
        };
        await using var sidecar = ProxyProcess.Launch(sidecarSettings);
        await using var cart = ProxyProcess.Launch(new ProxySettings { Name = "cart", ControlPlane = _silo.Url, More = await Identity("shop/cart", "cart") });
        await using var other = ProxyProcess.Launch(new ProxySettings { Name = "other", ControlPlane = _silo.Url, More = await Identity("bank/other", "other") });
        await Task.WhenAll(sidecar.WaitReady(), cart.WaitReady(), other.WaitReady());
        await cart.Reaches("web.shop", "one");
        await other.Reaches("web.shop", "one");
        await Eventually.Holds("the endpoint has an identity", async () =>
            (await _silo.Api.Read("/v1/services/shop/web/endpoints")).GetProperty("items")[0].TryGetProperty("identity", out _));

        await _silo.Api.Write(
            "/v1/services/shop/web",
            """{ "access": { "rules": [{ "name": "cart", "action": "allow", "from": { "identities": ["spiffe://mesh.local/ns/shop/svc/cart"] } }] } }""");
        await Answers(other, HttpStatusCode.Forbidden);
        await Answers(cart, HttpStatusCode.OK);
        Assert.Equal("deny", await Explained("other"));
        Assert.Equal("allow", await Explained("cart"));

        // What the proxy knew when it was last told still holds.
        await _silo.Kill();
        await sidecar.Kill();
        await sidecar.Start();
        await Answers(cart, HttpStatusCode.OK);
        await Answers(other, HttpStatusCode.Forbidden);
    }

    private static Task Answers(ProxyProcess proxy, HttpStatusCode status) => Eventually.Holds($"{proxy.Settings.Name} is answered {status}", async () =>
    {
        using var answer = await proxy.Call("web.shop");
        return answer.StatusCode == status ? true : throw new InvalidDataException($"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
    });

    private async Task<string?> Explained(string proxy)
    {
        using var answer = await _silo.Api.PostAsJsonAsync("/v1/explain", new { authority = "web.shop", proxy });
        var explanation = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(explanation.TryGetProperty("access", out var access), explanation.ToString());
        return access.GetProperty("decision").GetString();
    }

    private async Task<Dictionary<string, string>> Identity(string service, string id)
    {
        using var answer = await _silo.Api.PostAsJsonAsync("/v1/identity/tokens", new { service });
        return new()
        {
            ["Mesh:ProxyId"] = id,
            ["Mesh:Identity:Token"] = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!,
        };
    }
}
