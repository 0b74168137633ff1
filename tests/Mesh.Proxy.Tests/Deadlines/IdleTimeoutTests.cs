using System.Net;
using System.Net.WebSockets;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Deadlines;

public sealed class IdleTimeoutTests : IAsyncLifetime
{
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(600);

    private ProxyHost _proxy = null!;

    public async ValueTask InitializeAsync() => _proxy = await ProxyHost.StartAsync();

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    [Theory]
    [InlineData(ServiceProtocol.Http)]
    [InlineData(ServiceProtocol.Http2)]
    public async Task A_response_that_falls_silent_is_cut_off(ServiceProtocol protocol)
    {
        var cancelled = new TaskCompletionSource();
        await using var upstream = await Upstream.StartAsync(async context =>
        {
            await context.Response.WriteAsync("first");
            await context.Response.Body.FlushAsync();
            await Task.Delay(TimeSpan.FromSeconds(30), TimeProvider.System, context.RequestAborted)
                .ContinueWith(_ => cancelled.TrySetResult(), TaskScheduler.Default);
        }, protocol);
        Serve(upstream.Port, protocol);
        using var response = await _proxy.GetAsync("web");

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => response.Content.ReadAsStringAsync());
        await cancelled.Task.WaitAsync(Eventually.Deadline, TimeProvider.System);
        await Eventually.Holds("the limit is counted", async () =>
            (await _proxy.AdminAsync("/metrics")).Contains("mesh_errors_total{service=\"shop/web\",code=\"timeout\"} 1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_response_may_begin_as_late_as_it_likes_and_go_on_for_as_long_as_it_moves()
    {
        await using var upstream = await Upstream.StartAsync(static async context =>
        {
            await Task.Delay(2 * Idle, TimeProvider.System);
            for (var i = 0; i < 10; i++)
            {
                await context.Response.WriteAsync($"{i}");
                await context.Response.Body.FlushAsync();
                await Task.Delay(Idle / 6, TimeProvider.System);
            }
        });
        Serve(upstream.Port);

        using var response = await _proxy.GetAsync("web");

        Assert.Equal("0123456789", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task What_the_caller_still_sends_counts()
    {
        await using var upstream = await Upstream.StartAsync(static async context =>
        {
            await context.Response.StartAsync();
            await context.Response.Body.FlushAsync();
            await context.Request.Body.CopyToAsync(Stream.Null);
            await context.Response.WriteAsync("all");
        }, ServiceProtocol.Http2);
        Serve(upstream.Port, ServiceProtocol.Http2);
        var request = _proxy.Request(HttpMethod.Post, "web", "/", new SlowContent(10, Idle / 6));
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;

        using var response = await _proxy.Http2.SendAsync(request);

        Assert.Equal("all", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_WebSocket_that_falls_silent_is_cut_off_and_one_that_talks_is_not()
    {
        await using var upstream = await Upstream.StartAsync(
            static app =>
            {
                app.UseWebSockets();
                app.Run(static async context =>
                {
                    using var socket = await context.WebSockets.AcceptWebSocketAsync();
                    var buffer = new byte[10];
                    while (true)
                    {
                        await socket.ReceiveAsync(buffer, context.RequestAborted);
                    }
                });
            },
            ServiceProtocol.Http);
        Serve(upstream.Port);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Host", "web");
        await socket.ConnectAsync(new UriBuilder(_proxy.Addresses.Outbound) { Scheme = "ws" }.Uri, CancellationToken.None);

        // Only the caller talks, which is enough.
        for (var i = 0; i < 10; i++)
        {
            await socket.SendAsync(new byte[1], WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
            await Task.Delay(Idle / 6, TimeProvider.System);
        }

        Assert.Equal(1, _proxy.Active.Outbound);
        await Eventually.Holds("it is cut off", () => _proxy.Active.Outbound == 0);
    }

    private void Serve(int port, ServiceProtocol protocol = ServiceProtocol.Http) => _proxy.Serve(
        "shop/web", Rules(Rule("all") with { Timeouts = new RouteTimeouts { Idle = Idle } }) with { Protocol = protocol }, At(port));

    private sealed class SlowContent(int parts, TimeSpan pause) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.FlushAsync();
            for (var i = 0; i < parts; i++)
            {
                await stream.WriteAsync(new byte[100]);
                await stream.FlushAsync();
                await Task.Delay(pause, TimeProvider.System);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
