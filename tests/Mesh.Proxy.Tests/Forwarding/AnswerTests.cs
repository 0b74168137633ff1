using System.Net;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Tests.Hosting;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Forwarding;

/// <summary>Answers of endpoints, letter by letter.</summary>
public sealed class AnswerTests : IAsyncLifetime
{
    private ProxyHost _proxy = null!;

    public async ValueTask InitializeAsync() => _proxy = await ProxyHost.StartAsync();

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nhello!")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nhello!")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nhello!")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    public async Task One_whose_end_nobody_can_tell_is_not_passed_on(string answer)
    {
        await using var server = RawServer.Answering(answer);
        _proxy.Serve("shop/web", new ServiceSpec(), At(server.Port));

        using var response = await _proxy.GetAsync("web");

        Assert.Equal((502, "upstream-reset"), ((int)response.StatusCode, response.Headers.GetValues("mesh-error").Single()));
        Assert.Equal(1, _proxy.Table.GetOrAdd(new("shop", "web")).Model!.Endpoints.All[0].Stats.Failures);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nx-a : b\r\n\r\nhello")]
    [InlineData("HTTP/1.0 200 OK\r\n\r\nhello")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nx-early: 1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")]
    public async Task One_that_is_right_is(string answer)
    {
        await using var server = RawServer.Answering(answer);
        _proxy.Serve("shop/web", new ServiceSpec(), At(server.Port));

        using var response = await _proxy.GetAsync("web");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("hello", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Headers_for_the_next_hop_only_end_here()
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close, x-hop\r\nx-hop: 1\r\nx-all: 2\r\n\r\nhello");
        _proxy.Serve("shop/web", new ServiceSpec(), At(server.Port));

        using var response = await _proxy.GetAsync("web");

        Assert.False(response.Headers.Contains("x-hop"));
        Assert.Equal("2", response.Headers.GetValues("x-all").Single());
    }
}
