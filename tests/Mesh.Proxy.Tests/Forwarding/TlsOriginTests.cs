using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Listeners;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using Mesh.Testing.Identity;
using Mesh.Testing.Processes;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Forwarding;

/// <summary>A server with a certificate of an authority of its own, as one outside of the mesh.</summary>
public sealed class TlsOriginTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly TemporaryDirectory _files = new();
    private readonly TestAuthority _authority = TestAuthority.Make(Now);
    private readonly int _port = FreePort.Next();
    private WebApplication _server = null!;
    private ProxyHost _proxy = null!;

    private UpstreamTls Tls => new() { ServerName = "localhost", Roots = _authority.Pem };

    public async ValueTask InitializeAsync()
    {
        var (certificate, key) = TestFiles.Write(_files.Path, "external", _authority, Now);
        var server = ServerCertificate.Load("test", certificate, key, null).Certificate;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, _port, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(X509CertificateLoader.LoadPkcs12(server.Export(X509ContentType.Pfx), null), static https => https.SslProtocols = SslProtocols.Tls12);
        }));
        _server = builder.Build();
        _server.Run(static context => context.Response.WriteAsync($"{context.Request.Scheme} {context.Request.Protocol} {context.Request.Host}"));
        await _server.StartAsync();
        _proxy = await ProxyHost.StartAsync(configure: static options => options with { Tcp = [new TcpListenerOptions(ServiceName.Parse("shop/bytes"), "tcp://127.0.0.1:0")] });
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _server.DisposeAsync();
        _files.Dispose();
    }

    [Theory]
    [InlineData(ServiceProtocol.Http, "https HTTP/1.1 web")]
    [InlineData(ServiceProtocol.Http2, "https HTTP/2 web")]
    [InlineData(ServiceProtocol.Auto, "https HTTP/1.1 web")]
    public async Task The_proxy_speaks_TLS_where_the_application_does_not(ServiceProtocol protocol, string expected)
    {
        Serve(Tls, protocol);
        using var answer = await _proxy.GetAsync("web");
        Assert.Equal(expected, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_certificate_must_be_of_the_authority_the_name_and_the_version_that_are_demanded()
    {
        Serve(Tls with { SubjectAltNames = ["other.example", "spiffe://tests.local/external"] });
        using (var answer = await _proxy.GetAsync("web"))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        await Fails(Tls with { Roots = TestAuthority.Make(Now).Pem }, "not of an authority that is to be trusted");
        await Fails(Tls with { Roots = null }, "not of an authority that this proxy's system trusts");
        await Fails(Tls with { ServerName = "other.example" }, "not for other.example");
        await Fails(Tls with { SubjectAltNames = ["spiffe://tests.local/other"] }, "none of the alternative names");
        await Fails(Tls with { MinVersion = "1.3" }, "");
    }

    [Fact]
    public async Task A_change_of_what_is_demanded_is_not_met_by_an_older_connection()
    {
        Serve(Tls);
        using (var answer = await _proxy.GetAsync("web"))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        await Fails(Tls with { SubjectAltNames = ["spiffe://tests.local/other"] }, "none of the alternative names");
    }

    [Fact]
    public async Task Health_checks_go_the_same_way()
    {
        _proxy.Serve(
            "shop/web",
            new ServiceSpec { Traffic = new TrafficPolicy { Tls = Tls, HealthCheck = new HealthCheck { Path = "/", Interval = TimeSpan.FromMilliseconds(50), Timeout = TimeSpan.FromSeconds(5), UnhealthyThreshold = 1 } } },
            At(_port));
        using (await _proxy.GetAsync("web"))
        {
        }

        var stats = _proxy.Table.GetOrAdd(ServiceName.Parse("shop/web")).Model!.Endpoints.All[0].Stats;
        await Eventually.Holds("it was checked", () => stats.Health.Checks > 2);
        Assert.Null(stats.Health.Problem);
    }

    [Fact]
    public async Task Opaque_bytes_go_the_same_way()
    {
        _proxy.Serve("shop/bytes", new ServiceSpec { Protocol = ServiceProtocol.Tcp, Traffic = new TrafficPolicy { Tls = Tls } }, At(_port));
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_proxy.Addresses.Tcp[0].Port}") };
        Assert.StartsWith("https HTTP/1.1", await client.GetStringAsync("/", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private void Serve(UpstreamTls tls, ServiceProtocol protocol = ServiceProtocol.Http) =>
        _proxy.Serve("shop/web", new ServiceSpec { Protocol = protocol, Traffic = new TrafficPolicy { Tls = tls } }, At(_port));

    private async Task Fails(UpstreamTls tls, string reason)
    {
        Serve(tls);
        using var answer = await _proxy.GetAsync("web");
        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Equal("connect-failed", answer.Headers.GetValues("mesh-error").Single());
        Assert.Contains(reason, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }
}
