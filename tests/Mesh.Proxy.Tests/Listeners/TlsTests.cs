using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Listeners;
using Mesh.Proxy.Tests.Clients;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Listeners;

public sealed class TlsTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mesh-tls-");
    private readonly X509Certificate2 _certificate = Create();

    public void Dispose()
    {
        _certificate.Dispose();
        _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task One_port_takes_TLS_and_cleartext(string version)
    {
        await using var upstream = await Upstream.StartAsync(context => context.Response.WriteAsync($"{context.Request.Host} {context.Request.Headers.Via}"));
        await using var proxy = await StartAsync(upstream.Port);
        proxy.Serve("shop/web", new ServiceSpec(), At(upstream.Port));
        using var client = Client(Version.Parse(version));

        foreach (var listener in (Uri[])[proxy.Addresses.Outbound, proxy.Addresses.Inbound!])
        {
            foreach (var scheme in (string[])["http", "https"])
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(listener) { Scheme = scheme }.Uri) { Headers = { Host = "web" } };
                request.Version = Version.Parse(version);
                request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;

                using var response = await client.SendAsync(request);

                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                Assert.StartsWith($"web {version}", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("--http1.1", "1.1")]
    [InlineData("--http2", "2")]
    public async Task Curl_negotiates_the_protocol(string option, string version)
    {
        await using var upstream = await Upstream.NamedAsync("ok");
        await using var proxy = await StartAsync(upstream.Port);
        proxy.Serve("shop/web", new ServiceSpec(), At(upstream.Port));

        var result = await Tool.RunAsync(
            "curl", "curl", "-sSk", option, "-H", "Host: web", "-w", " %{http_version}", $"https://127.0.0.1:{proxy.Addresses.Outbound.Port}/");

        Assert.Equal($"ok {version}", result.Succeeded());
    }

    [Fact]
    public async Task A_tunnel_can_be_asked_for_within_TLS()
    {
        await using var server = RawServer.Echo();
        await using var proxy = await StartAsync(server.Port);
        proxy.Serve("shop/db", new ServiceSpec { Protocol = ServiceProtocol.Tcp }, At(server.Port));
        await using var stream = await HandshakeAsync(proxy.Addresses.Outbound.Port);

        await stream.WriteAsync("CONNECT db:1 HTTP/1.1\r\nHost: db:1\r\n\r\nhello"u8.ToArray());

        const string Expected = "HTTP/1.1 200 Connection Established\r\n\r\nhello";
        var answer = new byte[Expected.Length];
        await stream.ReadExactlyAsync(answer).AsTask().WaitAsync(Eventually.Deadline, TimeProvider.System);
        Assert.Equal(Expected, Encoding.ASCII.GetString(answer));
    }

    [Fact]
    public async Task Without_a_certificate_TLS_is_closed_and_the_log_says_what_to_set_once()
    {
        await using var proxy = await ProxyHost.StartAsync(new("127.0.0.1", 1));

        for (var i = 0; i < 3; i++)
        {
            await Assert.ThrowsAnyAsync<Exception>(() => HandshakeAsync(proxy.Addresses.Outbound.Port).WaitAsync(Eventually.Deadline, TimeProvider.System));
            await Assert.ThrowsAnyAsync<Exception>(() => HandshakeAsync(proxy.Addresses.Inbound!.Port).WaitAsync(Eventually.Deadline, TimeProvider.System));
        }

        Assert.Single(proxy.Logs.Messages, static message => message.Contains("Mesh:Outbound:Certificate:Path", StringComparison.Ordinal));
        Assert.Single(proxy.Logs.Messages, static message => message.Contains("Mesh:Inbound:Certificate:Path", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_handshake_that_stops_harms_nobody()
    {
        await using var upstream = await Upstream.NamedAsync("ok");
        await using var proxy = await StartAsync(upstream.Port);
        proxy.Serve("shop/web", new ServiceSpec(), At(upstream.Port));
        using var silent = new TcpClient();
        await silent.ConnectAsync(IPAddress.Loopback, proxy.Addresses.Outbound.Port);
        await silent.GetStream().WriteAsync(new byte[] { 0x16, 0x03, 0x01 });

        Assert.Equal(HttpStatusCode.OK, (await proxy.GetAsync("web")).StatusCode);
    }

    [Fact]
    public void Reads_every_form_of_a_certificate()
    {
        var key = _certificate.GetECDsaPrivateKey()!;
        var pem = Write("cert.pem", _certificate.ExportCertificatePem());
        var both = Write("both.pem", $"{_certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}");
        var plainKey = Write("key.pem", key.ExportPkcs8PrivateKeyPem());
        var secretKey = Write("secret.pem", key.ExportEncryptedPkcs8PrivateKeyPem("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
        var pfx = System.IO.Path.Combine(_directory.FullName, "cert.pfx");
        File.WriteAllBytes(pfx, _certificate.Export(X509ContentType.Pkcs12, "secret"));

        foreach (var loaded in (ServerCertificate[])
        [
            ServerCertificate.Load("S", both, null, null),
            ServerCertificate.Load("S", pem, plainKey, null),
            ServerCertificate.Load("S", pem, secretKey, "secret"),
            ServerCertificate.Load("S", pfx, null, "secret"),
        ])
        {
            Assert.True(loaded.Certificate.HasPrivateKey);
            Assert.Equal(_certificate.Thumbprint, loaded.Certificate.Thumbprint);
            Assert.Empty(loaded.Chain);
        }
    }

    [Fact]
    public void Sends_the_chain_along()
    {
        using var other = Create();
        var file = Write("chain.pem", $"{_certificate.ExportCertificatePem()}\n{other.ExportCertificatePem()}\n{_certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()}");

        Assert.Equal(other.Thumbprint, Assert.Single(ServerCertificate.Load("S", file, null, null).Chain).Thumbprint);
    }

    [Fact]
    public void Says_what_is_wrong_with_a_certificate()
    {
        var pem = Write("cert.pem", _certificate.ExportCertificatePem());
        var pfx = System.IO.Path.Combine(_directory.FullName, "cert.pfx");
        File.WriteAllBytes(pfx, _certificate.Export(X509ContentType.Pkcs12, "secret"));
        using var other = Create();
        var otherKey = Write("other.pem", other.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());

        AssertUnusable(System.IO.Path.Combine(_directory.FullName, "none.pem"), null, null);
        AssertUnusable(pem, null, null);
        AssertUnusable(pem, otherKey, null);
        AssertUnusable(pfx, null, "wrong");
        AssertUnusable(pfx, otherKey, "secret");
        AssertUnusable(Write("empty.pem", ""), null, null);
        AssertUnusable(Write("text.pem", "hello"), null, null);
    }

    private static void AssertUnusable(string path, string? keyPath, string? password)
    {
        var exception = Assert.Throws<ListenerException>(() => ServerCertificate.Load("Mesh:Outbound:Certificate", path, keyPath, password));

        Assert.Contains("Mesh:Outbound:Certificate:", exception.Message, StringComparison.Ordinal);
    }

    private static X509Certificate2 Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=proxy.test", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private HttpClient Client(Version version) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = IsOurs },
    })
    {
        DefaultRequestVersion = version,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private async Task<SslStream> HandshakeAsync(int port)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        var stream = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, IsOurs);
        await stream.AuthenticateAsClientAsync("proxy.test", null, SslProtocols.None, checkCertificateRevocation: false);
        return stream;
    }

    private bool IsOurs(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        certificate?.GetCertHashString() == _certificate.Thumbprint;

    private string Write(string name, string text)
    {
        var path = System.IO.Path.Combine(_directory.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    private Task<ProxyHost> StartAsync(int appPort)
    {
        var certificate = new ServerCertificate(_certificate, []);
        return ProxyHost.StartAsync(
            new("127.0.0.1", appPort), configure: options => options with { OutboundCertificate = certificate, InboundCertificate = certificate });
    }
}
