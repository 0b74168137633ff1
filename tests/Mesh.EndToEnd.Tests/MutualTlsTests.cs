using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Mesh.EndToEnd.Tests.Secrets;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests;

/// <summary>Proxies that get their certificates from a silo and call each other by mutual TLS.</summary>
public sealed class MutualTlsTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _tokens = new();
    private readonly TemporaryDirectory _kept = new();
    private SiloProcess _silo = null!;
    private TestApplication _app = null!;

    public async ValueTask InitializeAsync()
    {
        _silo = await SiloProcess.Ready();
        _app = await TestApplication.Start("app");
    }

    public async ValueTask DisposeAsync()
    {
        await _silo.DisposeAsync();
        await _app.DisposeAsync();
        _tokens.Dispose();
        _kept.Dispose();
    }

    [Fact]
    public async Task A_service_that_is_strict_is_called_by_those_with_an_identity_only()
    {
        await using var sidecar = ProxyProcess.Launch(await Sidecar());
        await using var caller = ProxyProcess.Launch(await Caller());
        await using var stranger = ProxyProcess.Launch(new ProxySettings { Name = "stranger", ControlPlane = _silo.Url });
        await Task.WhenAll(sidecar.WaitReady(), caller.WaitReady(), stranger.WaitReady());
        await caller.Reaches("web.shop", "app");
        await stranger.Reaches("web.shop", "app");
        await IsCalledSecurely();

        await _silo.Api.Write("/v1/services/shop/web", """{ "mtls": "Strict" }""");
        await Eventually.Holds("plaintext is refused", async () =>
        {
            using var answer = await stranger.Call("web.shop");
            return answer.StatusCode == HttpStatusCode.Forbidden;
        });
        await caller.Reaches("web.shop", "app");
    }

    [Fact]
    public async Task A_restart_keeps_the_identity_and_no_secret_is_told()
    {
        var settings = await Sidecar() with { DataDirectory = _kept.Path };
        var token = settings.More["Mesh:Identity:TokenFile"];
        string before;
        await using (var sidecar = await ProxyProcess.Ready(settings))
        {
            before = await SerialNumber(sidecar);
        }

        await using var again = await ProxyProcess.Ready(settings);
        Assert.Equal(before, await SerialNumber(again));

        var secrets = new PlantedSecrets();
        secrets.Add("the join token", (await File.ReadAllTextAsync(token, TestContext.Current.CancellationToken)).Split('.')[2]);
        secrets.Search(again.Process);
        secrets.Search(_silo.Process);
        await secrets.Search(again.Admin, "/identity", "/metrics", "/snapshots");
        await secrets.Search(_silo.Api, "/v1/identity/tokens", "/v1/export");
    }

    [Fact]
    public async Task Opaque_bytes_go_between_sidecars_with_join_tokens_to_a_service_that_is_strict()
    {
        await using var echo = new EchoApplication();
        var port = FreePort.Next();
        var sidecarSettings = new ProxySettings
        {
            Name = "sidecar",
            ControlPlane = _silo.Url,
            Service = "shop/db",
            AppPort = echo.Port,
            Protocol = "Tcp",
            More = new Dictionary<string, string> { ["Mesh:Identity:TokenFile"] = await Token("shop/db") },
        };
        var callerSettings = await Caller();
        await _silo.Api.Write("/v1/services/shop/db", """{ "protocol": "tcp", "mtls": "Strict", "access": { "default": "authenticated" } }""");
        await using var sidecar = await ProxyProcess.Ready(sidecarSettings);
        await using var caller = await ProxyProcess.Ready(callerSettings with
        {
            More = new Dictionary<string, string>(callerSettings.More) { ["Mesh:Tcp:0:Service"] = "shop/db", ["Mesh:Tcp:0:Url"] = $"tcp://127.0.0.1:{port}" },
        });

        await Eventually.Holds("the caller's bytes come back", async () => await EchoApplication.Exchange(port, "hello") == "hello");
        Assert.Equal("", await EchoApplication.Exchange(sidecarSettings.InboundPort, "hello"));

        await _silo.Api.Write(
            "/v1/services/shop/db",
            """{ "protocol": "tcp", "mtls": "Strict", "access": { "rules": [{ "name": "no-caller", "action": "deny", "from": { "identities": ["spiffe://mesh.local/ns/shop/svc/caller"] } }] } }""");
        await Eventually.Holds("the rule knows who calls", async () => await EchoApplication.Exchange(port, "hello") == "");
    }

    private static async Task<string> SerialNumber(ProxyProcess proxy)
    {
        var serial = "";
        await Eventually.Holds("the proxy has its certificate", async () =>
        {
            var page = await proxy.Admin.Read("/identity");
            serial = page.TryGetProperty("serialNumber", out var number) ? number.GetString()! : "";
            return serial.Length > 0;
        });
        return serial;
    }

    /// <summary>Waits until peers can know the identity: a sidecar says it with its next renewal.</summary>
    private Task IsCalledSecurely() => Eventually.Holds("the endpoint has an identity", async () =>
        (await _silo.Api.Read("/v1/services/shop/web/endpoints")).GetProperty("items").EnumerateArray()
            .All(static endpoint => endpoint.TryGetProperty("identity", out var identity) && identity.GetString() == "spiffe://mesh.local/ns/shop/svc/web"));

    private async Task<ProxySettings> Sidecar() => new()
    {
        Name = "sidecar",
        ControlPlane = _silo.Url,
        Service = "shop/web",
        AppPort = _app.Port,
        HealthCheckType = "Http",
        HealthCheckPath = "/healthz",
        More = new Dictionary<string, string> { ["Mesh:Identity:TokenFile"] = await Token("shop/web"), ["Mesh:App:HealthCheck:Interval"] = "00:00:00.2" },
    };

    private async Task<ProxySettings> Caller() => new()
    {
        Name = "caller",
        ControlPlane = _silo.Url,
        More = new Dictionary<string, string> { ["Mesh:Identity:TokenFile"] = await Token("shop/caller") },
    };

    private async Task<string> Token(string service)
    {
        using var answer = await _silo.Api.PostAsJsonAsync("/v1/identity/tokens", new { service });
        var token = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
        var path = Path.Combine(_tokens.Path, service.Replace('/', '_'));
        await File.WriteAllTextAsync(path, token);
        return path;
    }
}
