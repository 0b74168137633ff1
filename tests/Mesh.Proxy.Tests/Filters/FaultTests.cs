using System.Diagnostics;
using System.Net;
using Grpc.Core;
using Mesh.Abstractions.Routing;
using Mesh.Proxy.Filters;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Filters;

public sealed class FaultTests : FilterTestBase
{
    [Theory]
    [InlineData(418, null, 418)]
    [InlineData(null, 14, 503)]
    [InlineData(null, 8, 429)]
    [InlineData(null, 5, 404)]
    [InlineData(204, null, 204)]
    public async Task Aborts_with_a_status(int? http, int? grpc, int expected)
    {
        Serve(FreePort.Next(), Abort(http, grpc));

        using var answer = await Proxy.GetAsync("web");

        Assert.Equal(expected, (int)answer.StatusCode);
        Assert.Equal("fault-injected", answer.Headers.GetValues("mesh-error").Single());
    }

    [Theory]
    [InlineData(null, 9, StatusCode.FailedPrecondition)]
    [InlineData(503, null, StatusCode.Unavailable)]
    [InlineData(401, null, StatusCode.Unauthenticated)]
    [InlineData(418, null, StatusCode.Unknown)]
    public async Task Aborts_a_gRPC_call_with_its_own_status(int? http, int? grpc, StatusCode expected)
    {
        Serve(FreePort.Next(), Abort(http, grpc));
        using var channel = Proxy.Grpc("web");

        var call = channel.CreateCallInvoker().AsyncUnaryCall(EchoGrpc.Unary, null, default, "x");

        Assert.Equal(expected, (await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync)).StatusCode);
        Assert.Equal("fault-injected", (await call.ResponseHeadersAsync).GetValue("mesh-error"));
    }

    [Fact]
    public async Task Injected_errors_are_nobodys_failures()
    {
        await using var upstream = await Upstream.NamedAsync("ok");
        Serve(upstream.Port, Abort(503, null));

        for (var i = 0; i < 5; i++)
        {
            (await Proxy.GetAsync("web")).Dispose();
        }

        var service = Proxy.Table.GetOrAdd(new("shop", "web"));
        Assert.Equal(5, CountOf(FilterAction.Abort));
        Assert.Equal(5, service.Errors.CountOf(ProxyError.FaultInjected));
        Assert.Equal(0, service.Model!.Endpoints.All[0].Stats.Requests);
        Assert.Equal(0, service.Model.Rules[0].Backends[0].Stats.CountOf(5));
    }

    [Fact]
    public async Task Aborts_a_share()
    {
        await using var upstream = await Upstream.NamedAsync("ok");
        Serve(upstream.Port, Fault(new FaultInjection { Abort = new FaultAbort { HttpStatus = 500, Percent = 25 } }));

        var aborted = 0;
        for (var i = 0; i < 400; i++)
        {
            using var answer = await Proxy.GetAsync("web");
            aborted += answer.StatusCode == HttpStatusCode.InternalServerError ? 1 : 0;
        }

        Assert.InRange(aborted, 60, 140);
    }

    [Fact]
    public async Task Delays_and_then_forwards()
    {
        await using var upstream = await Upstream.NamedAsync("ok");
        Serve(upstream.Port, Delay(TimeSpan.FromMilliseconds(150)));
        var started = Stopwatch.GetTimestamp();

        using var answer = await Proxy.GetAsync("web");

        Assert.Equal("ok", await answer.Content.ReadAsStringAsync());
        Assert.True(Stopwatch.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(145));
        Assert.Equal(1, CountOf(FilterAction.Delay));
    }

    [Fact]
    public async Task Delays_no_request_with_a_share_of_nothing()
    {
        await using var upstream = await Upstream.NamedAsync("ok");
        Serve(upstream.Port, Fault(new FaultInjection
        {
            Delay = new FaultDelay { FixedDelay = TimeSpan.FromHours(1), Percent = 0 },
            Abort = new FaultAbort { HttpStatus = 500, Percent = 0 },
        }));

        using var answer = await Proxy.GetAsync("web");

        Assert.Equal("ok", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_delay_ends_with_the_time_of_the_request()
    {
        await using var upstream = await Upstream.NamedAsync("ok");
        Proxy.Serve("shop/web", Rules(Rule("all") with
        {
            Timeouts = new RouteTimeouts { Request = TimeSpan.FromMilliseconds(100) },
            Filters = [Delay(TimeSpan.FromHours(1))],
        }), At(upstream.Port));

        using var answer = await Proxy.GetAsync("web");

        Assert.Equal("timeout", answer.Headers.GetValues("mesh-error").Single());
    }

    [Fact]
    public async Task A_caller_may_leave_during_a_delay()
    {
        Serve(FreePort.Next(), Delay(TimeSpan.FromHours(1)));
        using var leave = new CancellationTokenSource();
        var call = Proxy.Http1.SendAsync(Proxy.Request(HttpMethod.Get, "web", "/"), leave.Token);
        await Eventually.Holds("the request waits", () => CountOf(FilterAction.Delay) == 1);

        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        using var next = await Proxy.Http1.GetAsync(new Uri(Proxy.Addresses.Admin, "/healthz"));
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
    }

    private static RouteFilter Abort(int? http, int? grpc) =>
        Fault(new FaultInjection { Abort = new FaultAbort { HttpStatus = http, GrpcStatus = grpc } });

    private static RouteFilter Delay(TimeSpan delay) => Fault(new FaultInjection { Delay = new FaultDelay { FixedDelay = delay } });

    private static RouteFilter Fault(FaultInjection fault) => new() { Type = RouteFilterType.FaultInjection, FaultInjection = fault };
}
