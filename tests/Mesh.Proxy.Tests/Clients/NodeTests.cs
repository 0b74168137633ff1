using Mesh.Abstractions.Services;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Clients;

/// <summary>@grpc/grpc-js and ws, on Node.js.</summary>
public sealed class NodeTests : IAsyncLifetime
{
    private ProxyHost _proxy = null!;

    public async ValueTask InitializeAsync() => _proxy = await ProxyHost.StartAsync();

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    [Fact]
    public async Task Every_kind_of_gRPC_call_passes()
    {
        await using var upstream = await Upstream.StartAsync(
            static app => app.MapGrpcService<EchoService>(), ServiceProtocol.Grpc, static services => services.AddGrpc());
        _proxy.Serve("shop/echo", new ServiceSpec { Protocol = ServiceProtocol.Grpc }, At(upstream.Port));

        var result = await Tool.RunScriptAsync("grpc.mjs", $"{_proxy.Addresses.Outbound.Port}", "echo.shop");

        Assert.Equal("all calls passed\n", result.Succeeded());
        await Eventually.Holds("what was cancelled is over", () => _proxy.Active.Outbound == 0);
    }

    [Theory]
    [InlineData(ServiceProtocol.Http)]
    [InlineData(ServiceProtocol.Http2)]
    public async Task A_WebSocket_passes(ServiceProtocol protocol)
    {
        await using var upstream = await Upstream.StartAsync(
            static app =>
            {
                app.UseWebSockets();
                app.Run(WebSocketEcho.ServeAsync);
            },
            protocol);
        _proxy.Serve("shop/web", new ServiceSpec { Protocol = protocol }, At(upstream.Port));

        var result = await Tool.RunScriptAsync("websocket.mjs", $"{_proxy.Addresses.Outbound.Port}", "web.shop");

        Assert.Equal("all messages passed\n", result.Succeeded());
    }
}
