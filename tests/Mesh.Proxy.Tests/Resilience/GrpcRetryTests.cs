using Grpc.Core;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Resilience;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Resilience;

public sealed class GrpcRetryTests : IAsyncLifetime
{
    private ProxyHost _proxy = null!;

    public async ValueTask InitializeAsync() => _proxy = await ProxyHost.StartAsync();

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    [Fact]
    public async Task A_status_that_a_code_stands_for_is_tried_again()
    {
        await using var upstream = await FailingAsync(StatusCode.Unavailable, times: 2);
        Serve(upstream.Port, attempts: 2, 503);

        Assert.Equal("hi", await CallAsync());
        Assert.Equal(3, upstream.Count);
    }

    [Theory]
    [InlineData(StatusCode.Unavailable, 500)]
    [InlineData(StatusCode.Internal, 503)]
    [InlineData(StatusCode.NotFound, 404)]
    public async Task Another_status_is_an_answer(StatusCode status, int code)
    {
        await using var upstream = await FailingAsync(status, times: 1);
        Serve(upstream.Port, attempts: 2, code);

        var exception = await Assert.ThrowsAsync<RpcException>(CallAsync);

        Assert.Equal((status, 1), (exception.StatusCode, upstream.Count));
    }

    [Fact]
    public async Task A_status_after_messages_is_an_answer()
    {
        await using var upstream = await Attempts.StartAsync(static async (context, _) =>
        {
            await EchoAsync(context);
            context.Response.AppendTrailer("grpc-status", "14");
        }, ServiceProtocol.Grpc);
        Serve(upstream.Port, attempts: 2, 503);

        var exception = await Assert.ThrowsAsync<RpcException>(CallAsync);

        Assert.Equal((StatusCode.Unavailable, 1), (exception.StatusCode, upstream.Count));
    }

    [Theory]
    [InlineData("0", 2)]
    [InlineData("30", 2)]
    [InlineData("-1", 1)]
    [InlineData("soon", 1)]
    [InlineData("5000", 1)]
    public async Task An_endpoint_says_when_to_try_again(string pushback, int tries)
    {
        await using var upstream = await Attempts.StartAsync(async (context, number) =>
        {
            if (number == 1)
            {
                Fail(context, StatusCode.Unavailable);
                context.Response.Headers["grpc-retry-pushback-ms"] = pushback;
                return;
            }

            await EchoAsync(context);
            context.Response.AppendTrailer("grpc-status", "0");
        }, ServiceProtocol.Grpc);
        _proxy.Serve("shop/web", new ServiceSpec
        {
            Protocol = ServiceProtocol.Grpc,

            // Longer than the test may take: what the endpoint says replaces it.
            Routes = [Rule("all") with { Retry = new RetryPolicy { Codes = [503], Backoff = TimeSpan.FromSeconds(50) } }],
        }, At(upstream.Port));

        var exception = await Record.ExceptionAsync(CallAsync);

        Assert.Equal((tries == 2, tries), (exception is null, upstream.Count));
    }

    [Theory]
    [InlineData(503, 2)]
    [InlineData(500, 1)]
    public async Task A_broken_call_counts_as_unavailable(int code, int tries)
    {
        await using var upstream = await Attempts.StartAsync(static async (context, number) =>
        {
            if (number == 1)
            {
                await context.Request.Body.CopyToAsync(Stream.Null);
                context.Abort();
                return;
            }

            await EchoAsync(context);
            context.Response.AppendTrailer("grpc-status", "0");
        }, ServiceProtocol.Grpc);
        Serve(upstream.Port, attempts: 1, code);

        try
        {
            Assert.Equal("hi", await CallAsync());
        }
        catch (RpcException exception)
        {
            Assert.Equal(StatusCode.Unavailable, exception.StatusCode);
        }

        Assert.Equal(tries, upstream.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Outlier_detection_counts_statuses_in_headers_and_trailers(bool isTrailersOnly)
    {
        await using var upstream = await Attempts.StartAsync(async (context, _) =>
        {
            if (isTrailersOnly)
            {
                Fail(context, StatusCode.Internal);
                return;
            }

            await EchoAsync(context);
            context.Response.AppendTrailer("grpc-status", "13");
        }, ServiceProtocol.Grpc);
        _proxy.Serve("shop/web", new ServiceSpec
        {
            Protocol = ServiceProtocol.Grpc,
            Traffic = new TrafficPolicy
            {
                OutlierDetection = new OutlierDetection { ConsecutiveFailures = 3, MaxEjectedPercent = 100, MinEjection = TimeSpan.FromMinutes(1) },
                Locality = new LocalityPolicy { PanicThresholdPercent = 0 },
            },
        }, At(upstream.Port));

        var state = _proxy.Table.GetOrAdd(new("shop", "web")).Model!.Endpoints.All[0].Stats.Ejection;
        for (var i = 1; i <= 3; i++)
        {
            Assert.Equal(StatusCode.Internal, (await Assert.ThrowsAsync<RpcException>(CallAsync)).StatusCode);
            await Eventually.Holds("the failure is counted", () => state.ConsecutiveFailures == i);
        }

        await Eventually.Holds("the endpoint is ejected", () => state.Phase == EjectionPhase.Ejected);
        var exception = await Assert.ThrowsAsync<RpcException>(CallAsync);
        Assert.Equal(StatusCode.Unavailable, exception.StatusCode);
        Assert.Contains("ejected", exception.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(3, upstream.Count);
    }

    private static Task<Attempts> FailingAsync(StatusCode status, int times) => Attempts.StartAsync(async (context, number) =>
    {
        if (number <= times)
        {
            Fail(context, status);
            return;
        }

        await EchoAsync(context);
        context.Response.AppendTrailer("grpc-status", "0");
    }, ServiceProtocol.Grpc);

    /// <summary>"Trailers-Only".</summary>
    private static void Fail(HttpContext context, StatusCode status)
    {
        context.Response.ContentType = "application/grpc";
        context.Response.Headers["grpc-status"] = ((int)status).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private static Task EchoAsync(HttpContext context)
    {
        context.Response.ContentType = "application/grpc";
        return Attempts.EchoAsync(context);
    }

    private void Serve(int port, int attempts, params int[] codes) => _proxy.Serve("shop/web", new ServiceSpec
    {
        Protocol = ServiceProtocol.Grpc,
        Routes = [Rule("all") with { Retry = new RetryPolicy { Attempts = attempts, Codes = codes, Backoff = TimeSpan.FromMilliseconds(1) } }],
    }, At(port));

    private async Task<string> CallAsync()
    {
        using var channel = _proxy.Grpc("web");
        return await channel.CreateCallInvoker().AsyncUnaryCall(EchoGrpc.Unary, null, new CallOptions(), "hi").ResponseAsync;
    }
}
