using Mesh.Abstractions.Services;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Tests.Hosting;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Forwarding;

/// <summary>What HTTP/2 forbids because a hop of HTTP/1.1 would understand it in another way (RFC 9113, section 8.2.1 and others).</summary>
public sealed class Http2SmugglingTests : IAsyncLifetime
{
    private Upstream _upstream = null!;
    private ProxyHost _proxy = null!;
    private int _reached;

    public async ValueTask InitializeAsync()
    {
        _upstream = await Upstream.StartAsync(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            Interlocked.Increment(ref _reached);
            await context.Response.WriteAsync(context.Request.Host.ToString());
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
    [InlineData("connection", "close")]
    [InlineData("keep-alive", "timeout=5")]
    [InlineData("proxy-connection", "close")]
    [InlineData("transfer-encoding", "chunked")]
    [InlineData("upgrade", "websocket")]
    [InlineData("te", "gzip")]
    [InlineData("X-Upper", "1")]
    [InlineData("x-a", "1\r\nx-b: 2")]
    [InlineData("x-a", "1\n2")]
    [InlineData("x-a", "1\0")]
    [InlineData(":scheme", "http")]
    [InlineData(":other", "1")]
    [InlineData("content-length", "5")]
    public async Task A_header_is_refused(string name, string value)
    {
        foreach (var port in (int[])[_proxy.Addresses.Outbound.Port, _proxy.Addresses.Inbound!.Port])
        {
            using var connection = await Http2Connection.OpenAsync(port);
            await connection.SendHeadersAsync(
                1, endStream: true, (":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "web"), (name, value));

            Assert.True(await connection.ReadStatusAsync(1) is 0 or 400, $"{name}: {value} at {port}");
        }

        Assert.Equal(0, _reached);
    }

    [Theory]
    [InlineData("te", "trailers", 200)]
    [InlineData("host", "web", 200)]
    [InlineData("cookie", "a=b", 200)]
    public async Task What_is_right_passes(string name, string value, int status)
    {
        using var connection = await Http2Connection.OpenAsync(_proxy.Addresses.Outbound.Port);
        await connection.SendHeadersAsync(
            1, endStream: true, (":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "web"), (name, value));

        Assert.Equal(status, await connection.ReadStatusAsync(1));
    }

    [Theory]
    [InlineData("5", "hell")]
    [InlineData("5", "hello!")]
    [InlineData("x", "hello")]
    [InlineData("5, 5", "hello")]
    public async Task A_body_of_another_length_than_announced_is_refused(string length, string body)
    {
        foreach (var port in (int[])[_proxy.Addresses.Outbound.Port, _proxy.Addresses.Inbound!.Port])
        {
            using var connection = await Http2Connection.OpenAsync(port);
            await connection.SendHeadersAsync(
                1, endStream: false, (":method", "POST"), (":scheme", "http"), (":path", "/"), (":authority", "web"), ("content-length", length));
            await connection.SendDataAsync(1, System.Text.Encoding.ASCII.GetBytes(body), endStream: true);

            Assert.True(await connection.ReadStatusAsync(1) is 0 or 400, $"{length} for {body} at {port}");
        }

        Assert.Equal(0, _reached);
    }

    [Fact]
    public async Task Two_lengths_are_refused()
    {
        using var connection = await Http2Connection.OpenAsync(_proxy.Addresses.Outbound.Port);
        await connection.SendHeadersAsync(
            1, endStream: false, (":method", "POST"), (":scheme", "http"), (":path", "/"), (":authority", "web"), ("content-length", "5"), ("content-length", "5"));
        await connection.SendDataAsync(1, "hello"u8.ToArray(), endStream: true);

        Assert.True(await connection.ReadStatusAsync(1) is 0 or 400);
        Assert.Equal(0, _reached);
    }

    /// <summary>The authority is what counts, for the mesh and for the endpoint alike.</summary>
    [Fact]
    public async Task Another_Host_than_the_authority_is_not_passed_on()
    {
        using var connection = await Http2Connection.OpenAsync(_proxy.Addresses.Outbound.Port);
        await connection.SendHeadersAsync(
            1, endStream: true, (":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "web"), ("host", "other"));

        Assert.Equal(200, await connection.ReadStatusAsync(1));
        Assert.Equal("web", await connection.ReadDataAsync(1, 3));
    }

    [Theory]
    [InlineData("")]
    [InlineData("http://web/")]
    [InlineData("/a\\..\\b")]
    [InlineData("/a%2f../b")]
    [InlineData("x")]
    public async Task A_path_is_refused(string path)
    {
        using var connection = await Http2Connection.OpenAsync(_proxy.Addresses.Outbound.Port);
        await connection.SendHeadersAsync(1, endStream: true, (":method", "GET"), (":scheme", "http"), (":path", path), (":authority", "web"));

        Assert.True(await connection.ReadStatusAsync(1) is 0 or 400);
        Assert.Equal(0, _reached);
    }
}
