using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Resilience;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Forwarding;

/// <summary>gRPC beyond the four kinds of calls, with grpc-dotnet; and gRPC-Web, which is not gRPC.</summary>
public sealed class GrpcTests : IAsyncLifetime
{
    private int _begun;
    private int _cancelled;
    private Upstream _upstream = null!;
    private ProxyHost _proxy = null!;

    public async ValueTask InitializeAsync()
    {
        _upstream = await Upstream.StartAsync(
            app =>
            {
                app.Use(next => context =>
                {
                    context.RequestAborted.Register(() => Interlocked.Increment(ref _cancelled));
                    Interlocked.Increment(ref _begun);
                    return next(context);
                });
                app.MapGrpcService<EchoService>();
            },
            ServiceProtocol.Grpc,
            static services => services.AddGrpc());
        _proxy = await ProxyHost.StartAsync();
        _proxy.Serve("shop/echo", new ServiceSpec { Protocol = ServiceProtocol.Grpc }, At(_upstream.Port));
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Fact]
    public async Task A_deadline_ends_the_call_on_both_sides()
    {
        using var channel = _proxy.Grpc("echo.shop");

        var exception = await Assert.ThrowsAsync<RpcException>(() => channel.CreateCallInvoker().AsyncUnaryCall(
            EchoGrpc.Unary, null, new CallOptions(deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(300)), "wait").ResponseAsync);

        Assert.Equal(StatusCode.DeadlineExceeded, exception.StatusCode);
        await Eventually.Holds("nothing is in flight", () => _proxy.Active.Outbound == 0);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_is_cancelled_at_the_endpoint()
    {
        using var channel = _proxy.Grpc("echo.shop");
        using var cancel = new CancellationTokenSource();
        var call = channel.CreateCallInvoker().AsyncUnaryCall(EchoGrpc.Unary, null, new CallOptions(cancellationToken: cancel.Token), "wait");
        await Eventually.Holds("the endpoint has the call", () => Volatile.Read(ref _begun) == 1);

        await cancel.CancelAsync();

        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync)).StatusCode);
        await Eventually.Holds("the endpoint knows", () => Volatile.Read(ref _cancelled) == 1);
    }

    [Fact]
    public async Task Both_directions_of_a_stream_flow_at_the_same_time()
    {
        using var channel = _proxy.Grpc("echo.shop");
        using var chat = channel.CreateCallInvoker().AsyncDuplexStreamingCall(EchoGrpc.Duplex, null, default);
        const int Count = 500;
        var text = new string('x', 10_000);
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < Count; i++)
            {
                await chat.RequestStream.WriteAsync(text);
            }

            await chat.RequestStream.CompleteAsync();
        });

        var received = 0;
        while (await chat.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Eventually.Deadline, TimeProvider.System))
        {
            Assert.Equal(4 + text.Length, chat.ResponseStream.Current.Length);
            received++;
        }

        await sending;
        Assert.Equal(Count, received);
    }

    [Fact]
    public async Task Compressed_messages_stay_compressed()
    {
        using var channel = _proxy.Grpc("echo.shop");

        var answer = await channel.CreateCallInvoker().AsyncUnaryCall(
            EchoGrpc.Unary, null, new CallOptions(new Metadata { { "grpc-internal-encoding-request", "gzip" } }), "encoding");

        Assert.Equal("gzip", answer);
    }

    [Theory]
    [InlineData("application/grpc", true, false)]
    [InlineData("application/grpc+proto", true, false)]
    [InlineData("Application/GRPC; charset=utf-8", true, false)]
    [InlineData("application/grpc-web", false, true)]
    [InlineData("application/grpc-web-text+proto", false, true)]
    [InlineData("application/grpcx", false, false)]
    [InlineData("text/plain", false, false)]
    [InlineData(null, false, false)]
    public void Tells_gRPC_from_gRPC_Web(string? contentType, bool isGrpc, bool isWeb)
    {
        var request = new DefaultHttpContext().Request;
        request.ContentType = contentType;

        Assert.Equal((isGrpc, isWeb), (GrpcStatus.IsCall(request), GrpcStatus.IsWebCall(request)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GRPC_Web_passes_untouched(bool isHttp2)
    {
        await using var upstream = await Upstream.StartAsync(static async context =>
        {
            context.Response.ContentType = context.Request.ContentType;
            await context.Request.Body.CopyToAsync(context.Response.Body);
        });
        _proxy.Serve("shop/web", new ServiceSpec(), At(upstream.Port));
        byte[] frames = [0, 0, 0, 0, 1, 7, 0x80, 0, 0, 0, 15, .. "grpc-status: 0\n"u8];

        using var response = await SendWebAsync("web", isHttp2, frames);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/grpc-web+proto", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(frames, await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task GRPC_Web_callers_understand_the_proxys_own_errors()
    {
        using var response = await SendWebAsync("nobody", isHttp2: false, []);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/grpc-web+proto", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("12", response.Headers.GetValues("grpc-status").Single());
        Assert.StartsWith("unknown-service: ", response.Headers.GetValues("grpc-message").Single(), StringComparison.Ordinal);
        Assert.Equal("unknown-service", response.Headers.GetValues("mesh-error").Single());
    }

    private Task<HttpResponseMessage> SendWebAsync(string host, bool isHttp2, byte[] body)
    {
        var client = isHttp2 ? _proxy.Http2 : _proxy.Http1;
        var request = _proxy.Request(HttpMethod.Post, host, "/test.Echo/Say", new ByteArrayContent(body));
        request.Content!.Headers.ContentType = new MediaTypeHeaderValue("application/grpc-web+proto");
        request.Version = client.DefaultRequestVersion;
        request.VersionPolicy = client.DefaultVersionPolicy;
        return client.SendAsync(request);
    }
}
