using System.Net;
using System.Net.Sockets;
using System.Text;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Admin;
using Mesh.Proxy.Listeners;
using Mesh.Proxy.Services;
using Mesh.Proxy.Tests.Hosting;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Listeners;

public sealed class ListenerTests
{
    [Fact]
    public void This_Kestrel_lets_a_connection_choose_its_protocol() => Assert.NotNull(ProtocolSniffer.Create());

    [Theory]
    [InlineData("http://127.0.0.1:4140", "127.0.0.1:4140")]
    [InlineData("http://localhost:4140/", "127.0.0.1:4140")]
    [InlineData("http://[::1]:4140", "[::1]:4140")]
    [InlineData("http://0.0.0.0:0", "0.0.0.0:0")]
    public void Reads_an_address(string url, string expected) =>
        Assert.Equal(expected, ListenerAddress.Parse(ListenerKind.Outbound, url).EndPoint.ToString());

    [Theory]
    [InlineData("")]
    [InlineData("4140")]
    [InlineData("https://127.0.0.1:4140")]
    [InlineData("http://proxy.example:4140")]
    [InlineData("http://127.0.0.1:4140/path")]
    [InlineData("http://127.0.0.1:99999")]
    public void Names_the_key_of_an_address_that_is_none(string url)
    {
        var exception = Assert.Throws<ListenerException>(() => ListenerAddress.Parse(ListenerKind.Admin, url));

        Assert.Contains("Mesh:Admin:Url", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Outbound")]
    [InlineData("Inbound")]
    [InlineData("Admin")]
    public async Task Names_a_taken_port_and_its_key(string listener)
    {
        var kind = Enum.Parse<ListenerKind>(listener);
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var url = $"http://{taken.LocalEndpoint}";
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.AddDataPath(new DataPathOptions
        {
            Namespace = "shop",
            OutboundUrl = kind == ListenerKind.Outbound ? url : "http://127.0.0.1:0",
            InboundUrl = kind == ListenerKind.Inbound ? url : "http://127.0.0.1:0",
            AdminUrl = kind == ListenerKind.Admin ? url : "http://127.0.0.1:0",
            App = new("127.0.0.1", 1),
        });
        builder.Services.AddSingleton<IServiceSource, StubServiceSource>();
        builder.Services.AddSingleton<IReadiness, StubReadiness>();
        await using var app = builder.Build();
        app.UseDataPath();

        var exception = await Assert.ThrowsAsync<ListenerException>(() => app.StartDataPathAsync());

        Assert.Contains($"port {((IPEndPoint)taken.LocalEndpoint).Port} is taken", exception.Message, StringComparison.Ordinal);
        Assert.Contains($"Mesh:{kind}:Url", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public async Task A_request_that_comes_in_pieces_is_understood(int size)
    {
        await using var upstream = await Upstream.NamedAsync("ok");
        await using var proxy = await ProxyHost.StartAsync();
        proxy.Serve("shop/web", new ServiceSpec(), At(upstream.Port));
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(proxy.Addresses.Outbound.Host, proxy.Addresses.Outbound.Port);
        var stream = client.GetStream();

        // A method that starts like HTTP/2's preface.
        foreach (var piece in Encoding.ASCII.GetBytes("PRINT / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n").Chunk(size))
        {
            await stream.WriteAsync(piece);
            await stream.FlushAsync();
            await Task.Yield();
        }

        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_says_nothing_harms_nobody()
    {
        await using var upstream = await Upstream.NamedAsync("ok");
        await using var proxy = await ProxyHost.StartAsync();
        proxy.Serve("shop/web", new ServiceSpec(), At(upstream.Port));
        using var silent = new TcpClient();
        await silent.ConnectAsync(proxy.Addresses.Outbound.Host, proxy.Addresses.Outbound.Port);
        using (var brief = new TcpClient())
        {
            await brief.ConnectAsync(proxy.Addresses.Outbound.Host, proxy.Addresses.Outbound.Port);
        }

        Assert.Equal(HttpStatusCode.OK, (await proxy.GetAsync("web")).StatusCode);

        // Without care, Kestrel would wait for it until the shutdown limit of 30 s.
        await proxy.StopAsync().WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
    }
}
