using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Mesh.EndToEnd.Tests.Secrets;
using Mesh.Testing;
using Mesh.Testing.Identity;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests;

/// <summary>A management API with TLS, where everybody says who they are, and proxies that find it so.</summary>
public sealed class SecuredApiTests : IAsyncLifetime
{
    private static readonly TimeProvider Time = TimeProvider.System;

    private readonly TemporaryDirectory _files = new();
    private readonly TemporaryDirectory _data = new();
    private readonly TestAuthority _authority = TestAuthority.Make(Time.GetUtcNow());
    private readonly int _port = FreePort.Next();
    private SiloProcess _silo = null!;
    private HttpClient _http = null!;
    private TestApplication _app = null!;

    private string Roots => Path.Combine(_files.Path, "roots.pem");

    private Uri Url => new($"https://localhost:{_port}");

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(Roots, _authority.Pem);
        var (certificate, key) = TestFiles.Write(_files.Path, "api", _authority, Time.GetUtcNow());
        _app = await TestApplication.Start("one");
        _silo = SiloProcess.Launch(new SiloSettings
        {
            DataDirectory = _data.Path,
            More = new Dictionary<string, string>
            {
                ["Mesh:Api:Url"] = $"https://127.0.0.1:{_port}",
                ["Mesh:Api:Tls:Certificate"] = certificate,
                ["Mesh:Api:Tls:Key"] = key,
                ["Mesh:Api:Auth:Mode"] = "Required",
            },
        });
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(_authority.Certificate);
        _http = new HttpClient(new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = policy } }) { BaseAddress = Url };
        await Eventually.Holds("the silo is ready", async () => (await _http.GetAsync("/readyz")).IsSuccessStatusCode, TimeSpan.FromSeconds(30));
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _silo.DisposeAsync();
        await _app.DisposeAsync();
        _files.Dispose();
        _data.Dispose();
    }

    [Fact]
    public async Task An_administrator_gets_in_by_the_file_and_proxies_by_what_is_open_to_them()
    {
        using var refused = await _http.GetAsync("/v1/services", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);

        var token = (await File.ReadAllTextAsync(Path.Combine(_data.Path, "admin.token"), TestContext.Current.CancellationToken)).Trim();
        _http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        await _http.AddService("shop/web", _app.Port);
        using var made = await _http.PostAsJsonAsync("/v1/identity/tokens", new { service = "shop/caller" }, TestContext.Current.CancellationToken);
        var join = (await made.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("token").GetString()!;

        await using var proxy = await ProxyProcess.Ready(new ProxySettings
        {
            ControlPlane = Url,
            More = new Dictionary<string, string> { ["Mesh:ControlPlaneRoots"] = Roots, ["Mesh:Identity:Token"] = join },
        });
        await proxy.Reaches("web.shop", "one");
        await Eventually.Holds("the proxy has its certificate", async () =>
            (await proxy.Admin.Read("/identity")).TryGetProperty("serialNumber", out _));

        await using var deceived = ProxyProcess.Launch(new ProxySettings { ControlPlane = Url });
        await Eventually.Holds("a proxy that does not trust it says so", () =>
            deceived.Process.Output(100).Any(static line => line.Contains("does not say where its gateways are", StringComparison.Ordinal)));
        var secrets = new PlantedSecrets();
        secrets.Add("the administrator's token", token);
        secrets.Search(_silo.Process);
    }
}
