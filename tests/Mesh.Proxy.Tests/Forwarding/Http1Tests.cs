using Mesh.Abstractions.Services;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Proxy.Tests.Tcp;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Forwarding;

/// <summary>HTTP/1.1, letter by letter.</summary>
public sealed class Http1Tests : IAsyncLifetime
{
    private ProxyHost _proxy = null!;

    public async ValueTask InitializeAsync() => _proxy = await ProxyHost.StartAsync();

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    [Fact]
    public async Task Requests_sent_ahead_are_answered_in_their_order()
    {
        await using var upstream = await Upstream.StartAsync(static async context =>
        {
            var body = await new StreamReader(context.Request.Body).ReadToEndAsync();
            await context.Response.WriteAsync($"<{context.Request.Path}{body}>");
        });
        _proxy.Serve("shop/web", new ServiceSpec(), At(upstream.Port));

        var answer = await RawHttp.SendAsync(_proxy.Addresses.Outbound, """
            GET /1 HTTP/1.1
            Host: web

            POST /2 HTTP/1.1
            Host: web
            Transfer-Encoding: chunked

            5
            hello
            0
            x-trailer: ignored

            POST /3 HTTP/1.1
            Host: web
            Content-Length: 3

            abcGET /4 HTTP/1.1
            Host: web
            Connection: close


            """.ReplaceLineEndings("\r\n"));

        var order = new[] { "</1>", "</2hello>", "</3abc>", "</4>" }.Select(part => answer.IndexOf(part, StringComparison.Ordinal)).ToArray();
        Assert.DoesNotContain(-1, order);
        Assert.Equal(order.Order(), order);
    }

    [Fact]
    public async Task Trailers_of_a_response_pass_to_callers_of_HTTP2()
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 OK\r\nTrailer: x-sum\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx-sum: 42\r\n\r\n");
        _proxy.Serve("shop/web", new ServiceSpec(), At(server.Port));

        using var response = await _proxy.GetAsync("web", client: _proxy.Http2);

        Assert.Equal("hello", await response.Content.ReadAsStringAsync());
        Assert.Equal("42", response.TrailingHeaders.GetValues("x-sum").Single());
    }

    [Theory]
    [InlineData("x-hop")]
    [InlineData("keep-alive, close, X-Hop")]
    [InlineData("x-hop, host, via, content-length, \"nonsense, ()")]
    public async Task Headers_for_the_next_hop_only_end_here(string connection)
    {
        var head = new TaskCompletionSource<string>();
        await using var server = new RawServer(async socket =>
        {
            head.SetResult(await RawServer.ReadHeadAsync(socket));
            await socket.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        });
        _proxy.Serve("shop/web", new ServiceSpec(), At(server.Port));
        using var client = await Tunneled.ConnectAsync(_proxy.Addresses.Outbound.Port);

        await client.SendAsync(
            $"POST / HTTP/1.1\r\nHost: web\r\nx-hop: 1\r\nx-all: 2\r\nKeep-Alive: 5\r\nProxy-Connection: close\r\nTE: gzip\r\nContent-Length: 2\r\nConnection: {connection}\r\n\r\nhi");
        Assert.StartsWith("HTTP/1.1 200", await client.ReadHeadAsync(), StringComparison.Ordinal);

        var names = (await head.Task).Split("\r\n").Select(static line => line.Split(':')[0].ToLowerInvariant()).ToHashSet();
        Assert.DoesNotContain("x-hop", names);
        Assert.DoesNotContain("keep-alive", names);
        Assert.DoesNotContain("proxy-connection", names);
        Assert.DoesNotContain("te", names);
        Assert.Contains("x-all", names);
        Assert.Contains("host", names);
        Assert.Contains("via", names);
        Assert.Contains("content-length", names);
    }

    [Theory]
    [InlineData("http://web.shop/a%2Fb/%41?x=%20", "/a%2Fb/%41?x=%20")]
    [InlineData("http://web.shop", "/")]
    [InlineData("http://web.shop?x", "/?x")]
    [InlineData("http://web.shop:80/x", "/x")]
    [InlineData("http://web.shop/a/../b", "/b")]
    public async Task The_target_of_an_absolute_URI_passes_as_it_is(string target, string expected)
    {
        await using var upstream = await Upstream.StartAsync(static context => context.Response.WriteAsync(
            $"{context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget} {context.Request.Host}"));
        _proxy.Serve("shop/web", new ServiceSpec(), At(upstream.Port));

        var answer = await RawHttp.SendAsync(_proxy.Addresses.Outbound, $"GET {target} HTTP/1.1\r\nHost: other\r\nConnection: close\r\n\r\n");

        Assert.StartsWith($"{expected} web.shop", RawHttp.BodyOf(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signed_length_reaches_the_endpoint_as_the_number_it_is()
    {
        var head = new TaskCompletionSource<string>();
        await using var server = new RawServer(async socket =>
        {
            head.SetResult(await RawServer.ReadHeadAsync(socket));
            await socket.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        });
        _proxy.Serve("shop/web", new ServiceSpec(), At(server.Port));

        await RawHttp.SendAsync(_proxy.Addresses.Outbound, "POST / HTTP/1.1\r\nHost: web\r\nContent-Length: +5\r\nConnection: close\r\n\r\nhello");

        Assert.Contains("\r\nContent-Length: 5\r\n", await head.Task, StringComparison.OrdinalIgnoreCase);
    }
}
