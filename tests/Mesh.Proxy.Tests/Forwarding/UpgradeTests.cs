using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Tests.Hosting;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Forwarding;

/// <summary>What an extended CONNECT (RFC 8441) is to rules, and to endpoints.</summary>
public sealed class UpgradeTests : IAsyncLifetime
{
    private ProxyHost _proxy = null!;
    private Upstream _upstream = null!;
    private int _reached;

    public async ValueTask InitializeAsync()
    {
        _proxy = await ProxyHost.StartAsync();
        _upstream = await Upstream.StartAsync(
            app =>
            {
                app.UseWebSockets();
                app.Run(context =>
                {
                    Interlocked.Increment(ref _reached);
                    return WebSocketEcho.ServeAsync(context);
                });
            },
            ServiceProtocol.Http);
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Theory]
    [InlineData("GET", "websocket", 200)]
    [InlineData("CONNECT", "websocket", 404)]
    [InlineData("DELETE", "websocket", 404)]
    [InlineData("GET", "connect-udp", 400)]
    [InlineData("CONNECT", "connect-udp", 400)]
    public async Task A_WebSocket_over_HTTP2_is_a_GET(string method, string protocol, int status)
    {
        _proxy.Serve("shop/web", Rules(Rule("only", new RouteMatch { Method = method })), At(_upstream.Port));
        using var connection = await Http2Connection.OpenAsync(_proxy.Addresses.Outbound.Port);

        await connection.SendHeadersAsync(
            1,
            endStream: false,
            (":method", "CONNECT"),
            (":protocol", protocol),
            (":scheme", "http"),
            (":path", "/"),
            (":authority", "web"),
            ("sec-websocket-version", "13"));

        Assert.Equal(status, await connection.ReadStatusAsync(1));
        Assert.Equal(status == 200 ? 1 : 0, _reached);
    }
}
