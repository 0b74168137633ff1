using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests;

/// <summary>Who may call, said at the management API and enforced by the application's proxy.</summary>
public sealed class AccessTests : IAsyncLifetime
{
    private const string DenyNear = """ "access": { "rules": [{ "name": "near", "action": "deny", "from": { "addresses": ["127.0.0.0/8"] } }] } """;

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

    /// <summary>The sidecar has the policy on its disk after its restart, and nobody but its own callers makes it ask for another.</summary>
    [Fact]
    public async Task Without_identities_a_sidecar_learns_of_every_change_also_after_a_restart()
    {
        await using var sidecar = await ProxyProcess.Ready(Beside("shop/web", _app.Port, "Http"));
        await IsAnswered(sidecar, HttpStatusCode.OK);

        await _silo.Api.Write("/v1/services/shop/web", $$"""{ {{DenyNear}} }""");
        await IsAnswered(sidecar, HttpStatusCode.Forbidden);

        await sidecar.Kill();
        await sidecar.Start();
        await IsAnswered(sidecar, HttpStatusCode.Forbidden);
        await _silo.Api.Write("/v1/services/shop/web", "{}");
        await IsAnswered(sidecar, HttpStatusCode.OK);
    }

    [Fact]
    public async Task Without_identities_opaque_bytes_are_let_in_by_address_too()
    {
        await using var echo = new EchoApplication();
        await using var sidecar = await ProxyProcess.Ready(Beside("shop/db", echo.Port, "Tcp"));
        await Eventually.Holds("everybody is let in", async () => await Bytes() == "hello");

        await _silo.Api.Write("/v1/services/shop/db", $$"""{ "protocol": "tcp", {{DenyNear}} }""");
        await Eventually.Holds("nobody is let in", async () => await Bytes() == "");

        await _silo.Api.Write("/v1/services/shop/db", """{ "protocol": "tcp" }""");
        await Eventually.Holds("everybody is let in again", async () => await Bytes() == "hello");

        Task<string> Bytes() => EchoApplication.Exchange(sidecar.Settings.InboundPort, "hello");
    }

    /// <summary>Its namespace has no settings, which the sidecar has to remember: it cannot ask.</summary>
    [Fact]
    public async Task Who_requires_a_policy_lets_in_after_a_restart_without_the_control_plane()
    {
        await using var sidecar = await ProxyProcess.Ready(Beside("shop/web", _app.Port, "Http"));
        await IsAnswered(sidecar, HttpStatusCode.OK);
        var snapshots = Path.Combine(sidecar.DataDirectory, "snapshots");
        await Eventually.Holds("both are on disk", () => Directory.GetFiles(snapshots, "*.snapshot").Length == 2);

        await _silo.Kill();
        await sidecar.Kill();
        await sidecar.Start();

        await IsAnswered(sidecar, HttpStatusCode.OK);
    }

    private static Task IsAnswered(ProxyProcess sidecar, HttpStatusCode status) => Eventually.Holds($"its callers are answered {status}", async () =>
    {
        using var answer = await sidecar.Inbound.GetAsync("/");
        return answer.StatusCode == status ? true : throw new InvalidDataException($"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
    });

    private ProxySettings Beside(string service, int port, string protocol) => new()
    {
        Name = "sidecar",
        ControlPlane = _silo.Url,
        Service = service,
        AppPort = port,
        Protocol = protocol,
        More = new Dictionary<string, string> { ["Mesh:App:RequirePolicy"] = "true" },
    };

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
