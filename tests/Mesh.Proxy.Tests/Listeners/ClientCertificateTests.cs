using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Listeners;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Proxy.Tests.Tcp;
using Mesh.Testing.Identity;
using Mesh.Testing.Processes;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Listeners;

/// <summary>A listener that ends TLS and demands certificates of those who call.</summary>
public sealed class ClientCertificateTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly TemporaryDirectory _files = new();
    private readonly TestAuthority _authority = TestAuthority.Make(Now);
    private Upstream _upstream = null!;

    public async ValueTask InitializeAsync() => _upstream = await Upstream.NamedAsync("ok");

    public async ValueTask DisposeAsync()
    {
        await _upstream.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task Only_who_shows_a_certificate_of_the_authority_comes_in()
    {
        await using var proxy = await StartAsync([], "1.2");

        Assert.True(await ComesIn(proxy, Client("partner", _authority)));
        Assert.False(await ComesIn(proxy, Client("foreign", TestAuthority.Make(Now))));
        Assert.False(await ComesIn(proxy, null));
        Assert.Contains(proxy.Logs.Messages, static message => message.Contains("not of an authority that is to be trusted", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: web\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    [InlineData("CONNECT web:80 HTTP/1.1\r\nHost: web:80\r\n\r\n")]
    public async Task Nothing_comes_in_without_TLS(string request)
    {
        await using var proxy = await StartAsync([], "1.2");
        using var client = await Tunneled.ConnectAsync(proxy.Addresses.Outbound.Port);
        await client.SendAsync(request);

        Assert.Equal("", await client.ReadWhatComesAsync());
        Assert.Contains(proxy.Logs.Messages, static message => message.Contains("ClientRoots", StringComparison.Ordinal));
    }

    [Fact]
    public async Task And_only_by_a_name_that_is_demanded()
    {
        await using var proxy = await StartAsync(["spiffe://tests.local/partner"], "1.2");

        Assert.True(await ComesIn(proxy, Client("partner", _authority)));
        Assert.False(await ComesIn(proxy, Client("other", _authority)));
    }

    [Fact]
    public async Task An_older_version_of_TLS_than_demanded_is_refused()
    {
        await using var proxy = await StartAsync([], "1.3");

        Assert.True(await ComesIn(proxy, Client("partner", _authority), SslProtocols.Tls13));
        Assert.False(await ComesIn(proxy, Client("partner", _authority), SslProtocols.Tls12));
    }

    private static async Task<bool> ComesIn(ProxyHost proxy, X509Certificate2? certificate, SslProtocols versions = SslProtocols.None)
    {
        using var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = versions,
                ClientCertificates = certificate is null ? null : [certificate],
                RemoteCertificateValidationCallback = static (_, shown, _, _) => shown!.Subject == "CN=gateway",
            },
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(proxy.Addresses.Outbound) { Scheme = "https" }.Uri) { Headers = { Host = "web" } };
        try
        {
            using var answer = await client.SendAsync(request);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task<ProxyHost> StartAsync(IReadOnlyList<string> names, string minVersion)
    {
        var (certificate, key) = TestFiles.Write(_files.Path, "gateway", _authority, Now);
        var roots = System.IO.Path.Combine(_files.Path, "roots.pem");
        await File.WriteAllTextAsync(roots, _authority.Pem);
        var server = ServerCertificate.Load("test", certificate, key, null) with { Callers = new TlsRules(ServerCertificate.LoadRoots("test", roots), names, minVersion) };
        var proxy = await ProxyHost.StartAsync(configure: options => options with { OutboundCertificate = server });
        proxy.Serve("shop/web", new ServiceSpec(), At(_upstream.Port));
        return proxy;
    }

    private X509Certificate2 Client(string name, TestAuthority authority)
    {
        var (certificate, key) = TestFiles.Write(_files.Path, name, authority, Now);
        using var read = X509Certificate2.CreateFromPemFile(certificate, key);
        return X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pfx), null);
    }
}
