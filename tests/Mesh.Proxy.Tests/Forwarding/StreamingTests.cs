using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using Grpc.Core;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Tests.Hosting;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Forwarding;

public sealed class StreamingTests : IAsyncLifetime
{
    private ProxyHost _proxy = null!;

    public async ValueTask InitializeAsync() => _proxy = await ProxyHost.StartAsync();

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    [Theory]
    [InlineData(ServiceProtocol.Http, false)]
    [InlineData(ServiceProtocol.Http, true)]
    [InlineData(ServiceProtocol.Http2, true)]
    public async Task Events_arrive_while_the_response_is_open(ServiceProtocol protocol, bool isHttp2)
    {
        var next = new SemaphoreSlim(1);
        await using var upstream = await Upstream.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            for (var i = 0; i < 3; i++)
            {
                await next.WaitAsync(context.RequestAborted);
                await context.Response.WriteAsync($"data: {i}\n");
                await context.Response.Body.FlushAsync();
            }
        }, protocol);
        _proxy.Serve("shop/web", new ServiceSpec { Protocol = protocol }, At(upstream.Port));

        using var response = await _proxy.GetAsync("web", client: isHttp2 ? _proxy.Http2 : _proxy.Http1);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal($"data: {i}", await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System));
            next.Release();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_of_100_MB_passes_each_way_in_constant_memory(bool isHttp2)
    {
        const long Size = 100 << 20;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await using var upstream = await Upstream.StartAsync(async context =>
        {
            context.Response.Headers["x-growth"] = $"{await MeasureAsync(context.Request.Body, Size, before)}";
            context.Response.ContentLength = Size;
            await new ZeroStream(Size).CopyToAsync(context.Response.Body);
        });
        _proxy.Serve("shop/web", new ServiceSpec(), At(upstream.Port));
        var request = _proxy.Request(HttpMethod.Post, "web", "/", new StreamContent(new ZeroStream(Size)) { Headers = { ContentLength = Size } });
        var client = isHttp2 ? _proxy.Http2 : _proxy.Http1;
        request.Version = client.DefaultRequestVersion;
        request.VersionPolicy = client.DefaultVersionPolicy;

        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.InRange(long.Parse(response.Headers.GetValues("x-growth").Single(), CultureInfo.InvariantCulture), long.MinValue, 40 << 20);
        Assert.InRange(await MeasureAsync(await response.Content.ReadAsStreamAsync(), Size, before), long.MinValue, 40 << 20);
    }

    [Fact]
    public async Task A_body_of_1_GB_passes_in_constant_memory()
    {
        const long Size = 1 << 30;
        await using var upstream = await Upstream.StartAsync(static async context =>
        {
            context.Response.ContentLength = Size;
            await new ZeroStream(Size).CopyToAsync(context.Response.Body);
        });
        _proxy.Serve("shop/web", new ServiceSpec(), At(upstream.Port));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var resident = Environment.WorkingSet;

        using var response = await _proxy.GetAsync("web");

        Assert.InRange(await MeasureAsync(await response.Content.ReadAsStreamAsync(), Size, before, step: 100 << 20), long.MinValue, 40 << 20);
        Assert.InRange(Environment.WorkingSet - resident, long.MinValue, 200 << 20);
    }

    [Fact]
    public async Task All_four_kinds_of_gRPC_calls_pass()
    {
        await using var upstream = await StartGrpcAsync();
        using var channel = _proxy.Grpc("echo.shop");
        var calls = channel.CreateCallInvoker();

        Assert.Equal("hi", await calls.AsyncUnaryCall(EchoGrpc.Unary, null, default, "hi"));

        using var many = calls.AsyncServerStreamingCall(EchoGrpc.ServerStream, null, default, "a");
        var received = new List<string>();
        await foreach (var message in many.ResponseStream.ReadAllAsync())
        {
            received.Add(message);
        }

        Assert.Equal(["a 0", "a 1", "a 2"], received);
        Assert.Equal("end", many.GetTrailers().GetValue("x-trailer"));

        using var upload = calls.AsyncClientStreamingCall(EchoGrpc.ClientStream, null, default);
        await upload.RequestStream.WriteAsync("x");
        await upload.RequestStream.WriteAsync("y");
        await upload.RequestStream.CompleteAsync();
        Assert.Equal("x y", await upload);

        using var chat = calls.AsyncDuplexStreamingCall(EchoGrpc.Duplex, null, default);
        for (var i = 0; i < 3; i++)
        {
            await chat.RequestStream.WriteAsync($"{i}");
            Assert.True(await chat.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System));
            Assert.Equal($"re: {i}", chat.ResponseStream.Current);
        }

        await chat.RequestStream.CompleteAsync();
        Assert.False(await chat.ResponseStream.MoveNext(CancellationToken.None));
    }

    [Fact]
    public async Task A_status_of_the_service_itself_passes()
    {
        await using var upstream = await StartGrpcAsync();
        using var channel = _proxy.Grpc("echo.shop");

        var exception = await Assert.ThrowsAsync<RpcException>(
            () => channel.CreateCallInvoker().AsyncUnaryCall(EchoGrpc.Unary, null, default, "fail because").ResponseAsync);

        Assert.Equal((StatusCode.FailedPrecondition, "because"), (exception.StatusCode, exception.Status.Detail));
    }

    [Theory]
    [InlineData(ServiceProtocol.Http, false)]
    [InlineData(ServiceProtocol.Http, true)]
    [InlineData(ServiceProtocol.Http2, false)]
    [InlineData(ServiceProtocol.Http2, true)]
    public async Task A_WebSocket_passes(ServiceProtocol protocol, bool isHttp2)
    {
        await using var upstream = await Upstream.StartAsync(
            app =>
            {
                app.UseWebSockets();
                app.Run(WebSocketEcho.ServeAsync);
            },
            protocol);
        _proxy.Serve("shop/web", new ServiceSpec { Protocol = protocol }, At(upstream.Port));
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Host", "web");
        socket.Options.HttpVersion = isHttp2 ? HttpVersion.Version20 : HttpVersion.Version11;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        using var handler = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false });
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await socket.ConnectAsync(new UriBuilder(_proxy.Addresses.Outbound) { Scheme = "ws" }.Uri, handler, limit.Token);

        var buffer = new byte[100];
        for (var i = 0; i < 3; i++)
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes($"message {i}"), WebSocketMessageType.Text, endOfMessage: true, limit.Token);
            var received = await socket.ReceiveAsync(buffer, limit.Token);
            Assert.Equal($"message {i}", Encoding.UTF8.GetString(buffer, 0, received.Count));
        }

        Assert.Equal(1, _proxy.Active.Outbound);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", limit.Token);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }

    /// <summary>Reads a stream of a known size to its end.</summary>
    /// <returns>By how much the memory in use had grown at most; below 0 when others gave back more meanwhile.</returns>
    private static async Task<long> MeasureAsync(Stream body, long size, long before, long step = 10 << 20)
    {
        var buffer = new byte[64 * 1024];
        var total = 0L;
        var growth = long.MinValue;
        while (await body.ReadAsync(buffer) is > 0 and var read)
        {
            if (total / step != (total + read) / step)
            {
                growth = Math.Max(growth, GC.GetTotalMemory(forceFullCollection: true) - before);
            }

            total += read;
        }

        Assert.Equal(size, total);
        Assert.NotEqual(long.MinValue, growth);
        return growth;
    }

    private async Task<Upstream> StartGrpcAsync()
    {
        var upstream = await Upstream.StartAsync(
            static app => app.MapGrpcService<EchoService>(), ServiceProtocol.Grpc, static services => services.AddGrpc());
        _proxy.Serve("shop/echo", new ServiceSpec { Protocol = ServiceProtocol.Grpc }, At(upstream.Port));
        return upstream;
    }
}
