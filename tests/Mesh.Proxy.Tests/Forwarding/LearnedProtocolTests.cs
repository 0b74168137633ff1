using System.Net;
using System.Text;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Forwarding;

public sealed class LearnedProtocolTests : IAsyncLifetime
{
    private ProxyHost _proxy = null!;

    public async ValueTask InitializeAsync() => _proxy = await ProxyHost.StartAsync();

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    [Theory]
    [InlineData(ServiceProtocol.Http, "HTTP/1.1")]
    [InlineData(ServiceProtocol.Http2, "HTTP/2")]
    public async Task An_endpoint_is_spoken_to_as_it_speaks(ServiceProtocol spoken, string expected)
    {
        await using var upstream = await Upstream.StartAsync(
            async context => await context.Response.WriteAsync($"{context.Request.Protocol} {await new StreamReader(context.Request.Body).ReadToEndAsync()}"), spoken);
        Serve(upstream.Port);

        // The very first request is one that must not be sent twice.
        using var response = await _proxy.Http1.SendAsync(_proxy.Request(HttpMethod.Post, "web", "/", new StringContent("body")));

        Assert.Equal($"{expected} body", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")]
    [InlineData("")]
    [InlineData("<html>what is this?</html>")]
    public async Task An_endpoint_is_asked_once_by_all_requests_together(string toPreface)
    {
        var asked = 0;
        await using var server = new RawServer(async socket =>
        {
            while (await RawServer.ReadHeadAsync(socket) is { Length: > 0 } head)
            {
                if (head.StartsWith("PRI ", StringComparison.Ordinal))
                {
                    Interlocked.Increment(ref asked);
                    await socket.SendAsync(Encoding.ASCII.GetBytes(toPreface));
                    return;
                }

                await socket.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray());
            }
        });
        Serve(server.Port);

        var responses = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _proxy.GetAsync("web")));

        Assert.All(responses, static response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task What_was_learned_is_forgotten_with_the_program_that_spoke_it()
    {
        var port = FreePort.Next();
        _proxy.Serve("shop/web", new ServiceSpec { Protocol = ServiceProtocol.Auto }, At(port));
        await using (await Upstream.StartAsync(static context => context.Response.WriteAsync(context.Request.Protocol), ServiceProtocol.Http, port: port))
        {
            Assert.Equal("HTTP/1.1", await (await _proxy.GetAsync("web")).Content.ReadAsStringAsync());
        }

        await using var other = await Upstream.StartAsync(static context => context.Response.WriteAsync(context.Request.Protocol), ServiceProtocol.Http2, port: port);

        await Eventually.Holds("the endpoint is asked again", async () => await (await _proxy.GetAsync("web")).Content.ReadAsStringAsync() == "HTTP/2");
    }

    [Fact]
    public async Task One_that_keeps_silent_counts_as_not_connected()
    {
        await using var silent = new RawServer(static async socket =>
        {
            while (await socket.ReceiveAsync(new byte[1000]) > 0)
            {
            }
        });
        await using var well = await Upstream.NamedAsync("well");
        _proxy.Serve("shop/web", new ServiceSpec { Protocol = ServiceProtocol.Auto }, At(silent.Port, "silent"), At(well.Port, "well"));

        for (var i = 0; i < 4; i++)
        {
            Assert.Equal("well", await (await _proxy.GetAsync("web")).Content.ReadAsStringAsync());
        }
    }

    private void Serve(int port) => _proxy.Serve("shop/web", new ServiceSpec { Protocol = ServiceProtocol.Auto }, At(port));
}
