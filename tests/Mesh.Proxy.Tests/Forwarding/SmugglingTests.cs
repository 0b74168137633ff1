using System.Globalization;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Tests.Hosting;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Forwarding;

/// <summary>
/// Requests over HTTP/1.1 that servers understand in different ways are refused by both listeners, and nothing of them
/// reaches an endpoint.
/// </summary>
public sealed class SmugglingTests : IAsyncLifetime
{
    private Upstream _upstream = null!;
    private ProxyHost _proxy = null!;
    private int _reached;
    private int _whole;

    public static TheoryData<string, string, int> Ambiguous { get; } = new()
    {
        { "two Content-Lengths", "POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", 400 },
        { "the same Content-Length twice", "POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400 },
        { "a list of Content-Lengths", "POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 5, 5\r\n\r\nhello", 400 },
        { "a negative Content-Length", "POST / HTTP/1.1\r\nHost: web\r\nContent-Length: -5\r\n\r\nhello", 400 },
        { "a hexadecimal Content-Length", "POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 0x5\r\n\r\nhello", 400 },
        { "an empty Content-Length", "POST / HTTP/1.1\r\nHost: web\r\nContent-Length:\r\n\r\nhello", 400 },
        { "Content-Length, then Transfer-Encoding", "POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400 },
        { "Transfer-Encoding, then Content-Length", "POST / HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400 },
        { "chunked twice in a list", "POST / HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400 },
        { "chunked twice", "POST / HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400 },
        { "chunked and identity", "POST / HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400 },
        { "another coding first", "POST / HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400 },
        { "chunked is not last", "POST / HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 400 },
        { "nearly chunked", "POST / HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400 },
        { "quoted chunked", "POST / HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", 400 },
        { "chunked with a parameter", "POST / HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n", 400 },
        { "chunked with a vertical tab", "POST / HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: \u000bchunked\r\n\r\n0\r\n\r\n", 400 },
        { "a space before the colon", "POST / HTTP/1.1\r\nHost: web\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400 },
        { "a tab before the colon", "POST / HTTP/1.1\r\nHost: web\r\nTransfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n", 400 },
        { "a header that starts with a space", "POST / HTTP/1.1\r\nHost: web\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400 },
        { "chunked in HTTP/1.0", "POST / HTTP/1.0\r\nHost: web\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400 },
        { "a header without a colon", "GET / HTTP/1.1\r\nHost: web\r\nnonsense\r\n\r\n", 400 },
        { "a header without a name", "GET / HTTP/1.1\r\nHost: web\r\n: x\r\n\r\n", 400 },
        { "a folded header", "GET / HTTP/1.1\r\nHost: web\r\nx-a: 1\r\n 2\r\n\r\n", 400 },
        { "NUL in a value", "GET / HTTP/1.1\r\nHost: web\r\nx-a: 1\u00002\r\n\r\n", 400 },
        { "CR in a value", "GET / HTTP/1.1\r\nHost: web\r\nx-a: 1\r2\r\n\r\n", 400 },
        { "a header ended by LF", "GET / HTTP/1.1\r\nHost: web\nx-a: 1\r\n\r\n", 400 },
        { "the headers ended by LF", "GET / HTTP/1.1\r\nHost: web\r\n\n", 400 },
        { "a request line ended by LF", "GET / HTTP/1.1\nHost: web\r\n\r\n", 400 },
        { "two Hosts", "GET / HTTP/1.1\r\nHost: web\r\nHost: other\r\n\r\n", 400 },
        { "no Host", "GET / HTTP/1.1\r\n\r\n", 400 },
        { "a Host with a path", "GET / HTTP/1.1\r\nHost: web/x\r\n\r\n", 400 },
        { "a Host with a user", "GET / HTTP/1.1\r\nHost: user@web\r\n\r\n", 400 },
        { "a version nobody knows", "GET / HTTP/1.2\r\nHost: web\r\n\r\n", 505 },
        { "no version", "GET /\r\nHost: web\r\n\r\n", 400 },
        { "a space in the target", "GET /a b HTTP/1.1\r\nHost: web\r\n\r\n", 400 },
        { "an encoded NUL", "GET /a%00b HTTP/1.1\r\nHost: web\r\n\r\n", 400 },
        { "a backslash", "GET /public\\..\\private HTTP/1.1\r\nHost: web\r\n\r\n", 400 },
        { "dots after an encoded slash", "GET /public%2F..%2Fprivate HTTP/1.1\r\nHost: web\r\n\r\n", 400 },
        { "dots before an encoded slash", "GET /public/..%2fprivate HTTP/1.1\r\nHost: web\r\n\r\n", 400 },
        { "encoded dots before an encoded backslash", "GET /public/%2E%2e%5cprivate HTTP/1.1\r\nHost: web\r\n\r\n", 400 },
        { "dots with a parameter", "GET /public/..;/private HTTP/1.1\r\nHost: web\r\n\r\n", 400 },
        { "a fragment in a URI without a path", "GET http://web#/private HTTP/1.1\r\nHost: web\r\n\r\n", 400 },
        { "a fragment in a URI", "GET http://web/public#/../private HTTP/1.1\r\nHost: web\r\n\r\n", 400 },
        { "a WebSocket by another method", "DELETE / HTTP/1.1\r\nHost: web\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", 400 },
        { "a WebSocket among others by another method", "POST / HTTP/1.1\r\nHost: web\r\nConnection: upgrade\r\nUpgrade: x, WebSocket\r\n\r\n", 400 },
        { "SPDY by another method", "PUT / HTTP/1.1\r\nHost: web\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n", 400 },
        { "dots with an encoded parameter", "GET /public/.%2e%3bx/private HTTP/1.1\r\nHost: web\r\n\r\n", 400 },
    };

    public async ValueTask InitializeAsync()
    {
        _upstream = await Upstream.StartAsync(async context =>
        {
            Interlocked.Increment(ref _reached);
            await context.Request.Body.CopyToAsync(Stream.Null);
            Interlocked.Increment(ref _whole);
        });
        _proxy = await ProxyHost.StartAsync(new AppOptions("127.0.0.1", _upstream.Port));
        _proxy.Serve("shop/web", new ServiceSpec(), At(_upstream.Port));
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Ambiguous))]
    public async Task Is_refused(string name, string request, int status)
    {
        foreach (var listener in (Uri[])[_proxy.Addresses.Outbound, _proxy.Addresses.Inbound!])
        {
            var answer = await RawHttp.SendAsync(listener, request);

            Assert.True(answer.StartsWith($"HTTP/1.1 {status}", StringComparison.Ordinal), $"{name} at {listener}: {answer}");
        }

        Assert.Equal(0, _reached);
        await AssertCounted();
    }

    /// <summary>It shows only after the head has been forwarded; then the endpoint must not take what came for all.</summary>
    [Theory]
    [InlineData("POST / HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: chunked\r\n\r\n5;a\nb\r\nhello\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n")]
    public async Task A_body_that_is_none_is_refused(string request)
    {
        foreach (var listener in (Uri[])[_proxy.Addresses.Outbound, _proxy.Addresses.Inbound!])
        {
            Assert.StartsWith("HTTP/1.1 400", await RawHttp.SendAsync(listener, request), StringComparison.Ordinal);
        }

        Assert.Equal(0, _whole);
    }

    [Theory]
    [InlineData("POST /public\\..\\private HTTP/1.1\r\nHost: web\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\nGET /second HTTP/1.1\r\nHost: web\r\n\r\n")]
    public async Task What_the_proxy_itself_refuses_says_so_and_ends_the_connection(string request)
    {
        foreach (var listener in (Uri[])[_proxy.Addresses.Outbound, _proxy.Addresses.Inbound!])
        {
            var answer = await RawHttp.SendAsync(listener, request);

            Assert.Contains("mesh-error: bad-request", answer, StringComparison.Ordinal);
            Assert.Contains("Connection: close", answer, StringComparison.Ordinal);
            Assert.Equal(1, answer.Split("HTTP/1.1 ").Length - 1);
        }

        Assert.Equal(0, _reached);
    }

    [Fact]
    public async Task Too_long_headers_are_refused()
    {
        var many = string.Concat(Enumerable.Range(0, 150).Select(static i => string.Create(CultureInfo.InvariantCulture, $"x-{i}: 1\r\n")));
        foreach (var listener in (Uri[])[_proxy.Addresses.Outbound, _proxy.Addresses.Inbound!])
        {
            await AssertRefused(listener, $"GET / HTTP/1.1\r\nHost: web\r\nx: {new string('x', 40_000)}\r\n\r\n", 431);
            await AssertRefused(listener, $"GET /{new string('x', 10_000)} HTTP/1.1\r\nHost: web\r\n\r\n", 414);
            await AssertRefused(listener, $"GET / HTTP/1.1\r\nHost: web\r\n{many}\r\n", 431);
        }

        Assert.Equal(0, _reached);
    }

    [Theory]
    [InlineData("/a%2Fb")]
    [InlineData("/a%5Cb")]
    [InlineData("/a;b=c/d%3Be")]
    [InlineData("/...%2f.a")]
    [InlineData("/a%2e%2e/.%2eb;c?x=..%2f..;\\")]
    [InlineData("http://web/a?x=b%2fc")]
    public async Task What_only_looks_like_a_trick_passes(string target)
    {
        var answer = await RawHttp.SendAsync(_proxy.Addresses.Outbound, $"GET {target} HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
    }

    private static async Task AssertRefused(Uri listener, string request, int status)
    {
        var answer = await RawHttp.SendAsync(listener, request);

        Assert.StartsWith($"HTTP/1.1 {status}", answer, StringComparison.Ordinal);
    }

    private async Task AssertCounted()
    {
        var metrics = await _proxy.AdminAsync("/metrics");
        Assert.Contains("mesh_errors_total{service=\"\",code=\"bad-request\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("mesh_inbound_errors_total{code=\"bad-request\"} 1\n", metrics, StringComparison.Ordinal);
    }
}
