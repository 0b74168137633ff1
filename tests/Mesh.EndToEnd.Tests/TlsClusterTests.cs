using System.Security.Cryptography;
using Mesh.Abstractions.Connections;
using Mesh.Testing;
using Mesh.Testing.Identity;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests;

/// <summary>Two silos and a proxy that speak nothing but mutual TLS with each other.</summary>
public sealed class TlsClusterTests : IAsyncLifetime
{
    private const string Shop = "spiffe://mesh.local/ns/default/svc/shop";

    private static readonly string SiloId = PeerIdentity.OfSilo(PeerAuthority.TrustDomain);

    private readonly PeerAuthority _authority = new();
    private readonly PeerAuthority _next = new("next");
    private readonly TemporaryDirectory _ofSilos = new();
    private readonly TemporaryDirectory _ofProxy = new();
    private readonly string _secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    private RedisServer _redis = null!;
    private SiloProcess _first = null!;
    private SiloProcess _second = null!;
    private TestApplication _one = null!;
    private TestApplication _two = null!;

    public async ValueTask InitializeAsync()
    {
        _authority.Write(_ofSilos.Path, SiloId);
        _authority.Write(_ofProxy.Path, Shop);
        _one = await TestApplication.Start("one");
        _two = await TestApplication.Start("two");
        _redis = await RedisServer.Start();
        _first = SiloProcess.Launch(Silo("first"));
        _second = SiloProcess.Launch(Silo("second"));
        await Task.WhenAll(_first.WaitReady(), _second.WaitReady());
        await Eventually.Holds("both silos list both gateways", async () => (await Gateways(_first)) == 2 && (await Gateways(_second)) == 2);
    }

    public async ValueTask DisposeAsync()
    {
        await _second.DisposeAsync();
        await _first.DisposeAsync();
        _redis.Dispose();
        await _one.DisposeAsync();
        await _two.DisposeAsync();
        _ofSilos.Dispose();
        _ofProxy.Dispose();
    }

    [Fact(DisableParallelization = true)]
    public async Task Changes_are_pushed_and_a_silo_may_be_killed()
    {
        await AddServices();
        await using var proxy = await ProxyProcess.Ready(Proxy(_second));
        await proxy.Reaches("web", "one");
        await _first.Api.RouteAllTo("default/web", "web-v2");
        await proxy.Reaches("web", "two", TimeSpan.FromSeconds(5));
        await using var calls = SteadyCalls.Through(proxy, "web");

        await _first.Kill();

        await Eventually.Holds("the survivor takes writes for it", async () =>
        {
            using var answer = await _second.Api.Put("/v1/services/default/web/routes/all", """{ "name": "all", "backendRefs": [{ "name": "web" }] }""");
            return answer.IsSuccessStatusCode;
        });
        await proxy.Reaches("web", "one");
        Assert.Empty(calls.Failures);
    }

    [Fact]
    public async Task A_root_is_replaced_while_everything_runs()
    {
        await AddServices();
        await using var proxy = await ProxyProcess.Ready(Proxy(_second));
        await proxy.Reaches("web", "one");

        // Everybody trusts both roots, then has a certificate of the new one, then forgets the old one.
        _authority.Write(_ofSilos.Path, SiloId, _next);
        _authority.Write(_ofProxy.Path, Shop, _next);
        await Restart(_first);
        _next.Write(_ofSilos.Path, SiloId, _authority);
        _next.Write(_ofProxy.Path, Shop, _authority);
        await Restart(_second);
        _next.Write(_ofSilos.Path, SiloId);
        _next.Write(_ofProxy.Path, Shop);
        await Restart(_first);

        await _first.Api.RouteAllTo("default/web", "web-v2");
        await proxy.Reaches("web", "two");
        Assert.False(proxy.Process.HasExited);
    }

    [Fact]
    public async Task Who_has_no_certificate_is_not_served()
    {
        await AddServices();
        await using var proxy = ProxyProcess.Launch(new ProxySettings { ControlPlane = _first.Url });

        await Eventually.Holds("the proxy says why it does not connect", () =>
            proxy.Process.Output(100).Any(static line => line.Contains("there is no certificate to show yet", StringComparison.Ordinal)));

        Assert.Equal(0, (await _first.Api.Read("/v1/proxies")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task A_stranger_at_a_port_for_silos_is_shut_out()
    {
        using var stranger = new System.Net.Sockets.TcpClient();
        await stranger.ConnectAsync(System.Net.IPAddress.Loopback, _first.Settings.SiloPort);
        await stranger.GetStream().WriteAsync(new byte[] { 60, 0, 0, 0, 1, 2, 3 });

        var answer = new byte[1];
        Assert.Equal(0, await stranger.GetStream().ReadAsync(answer).AsTask().WaitAsync(TimeSpan.FromSeconds(10)));
        await Eventually.Holds("it is counted", async () =>
            (await _first.Api.GetStringAsync("/metrics")).Contains("reason=\"plaintext\"", StringComparison.Ordinal));
    }

    private async Task AddServices()
    {
        await _first.Api.AddService("default/web", _one.Port);
        await _first.Api.AddService("default/web-v2", _two.Port);
    }

    private static async Task<int> Gateways(SiloProcess silo) =>
        (await silo.Api.Read("/v1/gateways")).GetProperty("gateways").GetArrayLength();

    private async Task Restart(SiloProcess silo)
    {
        await silo.Kill();
        await silo.Start();
        await silo.WaitReady();
        await Eventually.Holds("both silos list both gateways again", async () => (await Gateways(_first)) == 2 && (await Gateways(_second)) == 2, TimeSpan.FromSeconds(30));
    }

    private SiloSettings Silo(string name) => new()
    {
        Name = name,
        Redis = _redis.ConnectionString,
        More = new Dictionary<string, string>
        {
            ["Mesh:Silo:Secret"] = _secret,
            ["Mesh:Silo:Tls:Mode"] = "Required",
            ["Mesh:Silo:Tls:Certificate"] = Path.Combine(_ofSilos.Path, "cert.pem"),
            ["Mesh:Silo:Tls:Key"] = Path.Combine(_ofSilos.Path, "key.pem"),
            ["Mesh:Silo:Tls:Roots"] = Path.Combine(_ofSilos.Path, "roots.pem"),
        },
    };

    private ProxySettings Proxy(SiloProcess silo) => new()
    {
        ControlPlane = silo.Url,
        More = new Dictionary<string, string>
        {
            ["Mesh:Identity:Certificate"] = Path.Combine(_ofProxy.Path, "cert.pem"),
            ["Mesh:Identity:Key"] = Path.Combine(_ofProxy.Path, "key.pem"),
            ["Mesh:Identity:Roots"] = Path.Combine(_ofProxy.Path, "roots.pem"),
        },
    };
}
