using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Listeners;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using Mesh.Testing.Identity;
using Mesh.Testing.Processes;

namespace Mesh.Proxy.Tests.Tcp;

/// <summary>Tunnels to a service of requests, between two proxies with identities.</summary>
public sealed class SecureConnectTests : IAsyncLifetime
{
    private const string Connect = "CONNECT web:80 HTTP/1.1\r\nHost: web:80\r\n\r\n";
    private const string Established = "HTTP/1.1 200 Connection Established\r\n\r\n";

    private Upstream _app = null!;
    private ProxyPair _pair = null!;

    public async ValueTask InitializeAsync() => _app = await Upstream.StartAsync(
        static app => app.Run(static context => context.Response.WriteAsync($"{context.Request.Headers[InboundGuard.Header]}|{context.Request.Headers.Via}")),
        ServiceProtocol.Http);

    public async ValueTask DisposeAsync()
    {
        await _pair.DisposeAsync();
        await _app.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Requests_in_a_tunnel_go_by_mutual_TLS_in_the_version_they_are_in(int version)
    {
        await StartAsync();
        _pair.Serve(new ServiceSpec { Mtls = MtlsMode.Strict });
        using var client = new HttpMessageInvoker(new SocketsHttpHandler { ConnectCallback = (_, _) => TunnelAsync() });

        using var request = new HttpRequestMessage(HttpMethod.Get, "http://web/")
        {
            Version = new Version(version, version == 1 ? 1 : 0),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, text);
        Assert.Contains($";URI={ProxyPair.Caller}|", text, StringComparison.Ordinal);
        Assert.StartsWith($"{request.Version} ", text.Split('|')[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task TLS_of_the_callers_own_reaches_the_listener_as_it_is()
    {
        using var files = new TemporaryDirectory();
        var (certificate, key) = TestFiles.Write(files.Path, "web", TestAuthority.Make(TimeProvider.System.GetUtcNow()), TimeProvider.System.GetUtcNow());
        await StartAsync(ServerCertificate.Load("test", certificate, key, null));
        _pair.Serve();
        await using var stream = new SslStream(await TunnelAsync());

        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "web",
            RemoteCertificateValidationCallback = (_, shown, _, _) => shown!.Subject == "CN=web",
        });
        await stream.WriteAsync("GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n"u8.ToArray());

        using var reader = new StreamReader(stream);
        Assert.StartsWith("HTTP/1.1 200", await reader.ReadToEndAsync().WaitAsync(Eventually.Deadline, TimeProvider.System), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_said_to_who_proves_to_be_somebody_else()
    {
        await StartAsync();
        _pair.Hold(_pair.Called, "shop/other");
        _pair.Serve();
        using var client = await Tunneled.ConnectAsync(_pair.From.Addresses.Outbound.Port);
        await client.SendAsync(Connect);
        Assert.Equal(Established, await client.ReadHeadAsync());

        await client.SendAsync("GET / HTTP/1.1\r\nHost: web\r\n\r\n");

        Assert.Equal("", await client.ReadWhatComesAsync());
        Assert.Contains(_pair.From.Logs.Messages, static message => message.Contains("before it was used", StringComparison.Ordinal) && message.Contains("is expected", StringComparison.Ordinal));
        Assert.Contains("code=\"connect-failed\"} 1\n", await _pair.From.AdminAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_that_leaves_without_a_word_ends_its_tunnel()
    {
        await StartAsync();
        _pair.Serve();
        using (var client = await Tunneled.ConnectAsync(_pair.From.Addresses.Outbound.Port))
        {
            await client.SendAsync(Connect);
            Assert.Equal(Established, await client.ReadHeadAsync());
            Assert.Equal(1, _pair.From.Active.Outbound);
        }

        await Eventually.Holds("the tunnel is over", () => _pair.From.Active.Outbound == 0);
    }

    private async Task StartAsync(ServerCertificate? certificate = null) => _pair = await ProxyPair.StartAsync(
        new AppOptions("127.0.0.1", _app.Port),
        to: options => options with { InboundCertificate = certificate });

    private async ValueTask<Stream> TunnelAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, _pair.From.Addresses.Outbound.Port);
        var stream = new NetworkStream(socket, ownsSocket: true);
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(Connect));
        var head = new byte[Established.Length];
        await stream.ReadExactlyAsync(head).AsTask().WaitAsync(Eventually.Deadline, TimeProvider.System);
        Assert.Equal(Established, System.Text.Encoding.ASCII.GetString(head));
        return stream;
    }
}
