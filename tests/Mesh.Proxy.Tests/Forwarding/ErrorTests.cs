using System.Net;
using System.Net.Sockets;
using System.Text;
using Grpc.Core;
using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Services;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Forwarding;

/// <summary>Every row of the table of the proxy's own errors, for HTTP and for gRPC callers.</summary>
public sealed class ErrorTests : IAsyncLifetime
{
    private ProxyHost _proxy = null!;

    public async ValueTask InitializeAsync() => _proxy = await ProxyHost.StartAsync();

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    [Fact]
    public Task A_name_nobody_has() => AssertError("nobody", 404, "unknown-service", StatusCode.Unimplemented, "'nobody'");

    [Fact]
    public async Task A_deleted_service()
    {
        _proxy.Serve("shop/web", new ServiceSpec());
        _proxy.Table.Apply(Of("shop/web", 1_000, spec: null), isAuthoritative: true);

        await AssertError("web", 404, "unknown-service", StatusCode.Unimplemented, "shop/web");
    }

    [Fact]
    public async Task A_port_the_service_does_not_declare()
    {
        await using var upstream = await Upstream.NamedAsync("ok");
        _proxy.Serve("shop/web", new ServiceSpec { Ports = [80, 8080] }, At(upstream.Port));

        await AssertError("web:81", 404, "unknown-service", StatusCode.Unimplemented, "no port 81; it declares 80, 8080");
        Assert.Equal(HttpStatusCode.OK, (await _proxy.GetAsync("web:8080")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _proxy.GetAsync("web")).StatusCode);
    }

    [Fact]
    public async Task A_name_nobody_can_be_asked_about()
    {
        _proxy.Source.Otherwise = LookupFailure.ControlPlaneUnreachable;

        await AssertError("web", 503, "no-endpoints", StatusCode.Unavailable, "control plane");
    }

    [Fact]
    public async Task No_rule()
    {
        _proxy.Serve("shop/web", Rules(Rule("api", Prefix("/api"))));

        await AssertError("web", 404, "no-route", StatusCode.Unimplemented, "no rule of shop/web");
    }

    [Fact]
    public async Task No_endpoint()
    {
        _proxy.Serve("shop/web", new ServiceSpec());
        await AssertError("web", 503, "no-endpoints", StatusCode.Unavailable, "has no endpoints");

        _proxy.Serve("shop/web", new ServiceSpec(), At(1) with { State = EndpointState.NotReady });
        await AssertError("web", 503, "no-endpoints", StatusCode.Unavailable, "is ready");
    }

    [Fact]
    public async Task A_backend_that_does_not_exist()
    {
        _proxy.Serve("shop/web", Rules(Rule("all") with { BackendRefs = [new BackendRef { Name = "nowhere" }] }));

        await AssertError("web", 500, "no-backend", StatusCode.Unavailable, "shop/nowhere");
    }

    [Fact]
    public async Task A_backend_that_was_deleted_with_its_endpoints_still_there()
    {
        _proxy.Serve("shop/web", Rules(Rule("all") with { BackendRefs = [new BackendRef { Name = "gone" }] }));
        _proxy.Table.Apply(Of("shop/gone", 1_000, spec: null, At(1)), isAuthoritative: true);

        await AssertError("web", 500, "no-backend", StatusCode.Unavailable, "shop/gone does not exist");
    }

    [Fact]
    public async Task A_message_is_one_line_whatever_the_request_says()
    {
        _proxy.Serve("shop/web", Rules(Rule("api", Prefix("/api"))));

        using var response = await _proxy.GetAsync("web", "/a%0Amesh-error:%0D%0Ab");

        Assert.Equal("no-route: no rule of shop/web (revision 1) matches GET /a%0Amesh-error:%0D%0Ab\n", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_rule_that_sends_nothing_anywhere()
    {
        _proxy.Serve("shop/web", Rules(Rule("none") with { BackendRefs = [new BackendRef { Name = "web", Weight = 0 }] }), At(1));

        await AssertError("web", 503, "no-endpoints", StatusCode.Unavailable, "'none'");
    }

    [Theory]
    [InlineData(ServiceProtocol.Http)]
    [InlineData(ServiceProtocol.Grpc)]
    public async Task Nobody_listens(ServiceProtocol protocol)
    {
        _proxy.Serve("shop/web", new ServiceSpec { Protocol = protocol }, At(FreePort.Next()));

        await AssertError("web", 502, "connect-failed", StatusCode.Unavailable, "'e1' (127.0.0.1:");
        Assert.Equal(2, _proxy.Table.GetOrAdd(new("shop", "web")).Model!.Endpoints.All[0].Stats.Failures);
    }

    [Fact]
    public async Task A_host_without_an_address()
    {
        _proxy.Serve("shop/web", new ServiceSpec(), At(80) with { Host = "nobody.invalid" });

        await AssertError("web", 502, "connect-failed", StatusCode.Unavailable, "nobody.invalid");
    }

    [Theory]
    [InlineData("")]
    [InlineData("this is not HTTP\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le")]
    public async Task The_connection_breaks_before_an_answer(string said)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = SayAndCloseAsync(listener, said);
        _proxy.Serve("shop/web", new ServiceSpec(), At(((IPEndPoint)listener.LocalEndpoint).Port));

        await AssertError("web", 502, "upstream-reset", StatusCode.Unavailable, "'e1'");
        listener.Stop();
        await serving;
    }

    [Fact]
    public async Task An_endpoint_that_speaks_another_protocol()
    {
        await using var upstream = await Upstream.NamedAsync("HTTP/1.1 only");
        _proxy.Serve("shop/web", new ServiceSpec { Protocol = ServiceProtocol.Http2 }, At(upstream.Port));

        await AssertError("web", 502, "upstream-reset", StatusCode.Unavailable, "'e1'");
    }

    [Theory]
    [InlineData(100, null)]
    [InlineData(null, 100)]
    [InlineData(10_000, 100)]
    [InlineData(100, 10_000)]
    public async Task A_time_limit(int? request, int? oneTry)
    {
        await using var upstream = await Upstream.StartAsync(
            context => Task.Delay(TimeSpan.FromSeconds(30), TimeProvider.System, context.RequestAborted));
        _proxy.Serve("shop/web", Rules(Rule("slow") with
        {
            Timeouts = new RouteTimeouts { Request = Milliseconds(request), BackendRequest = Milliseconds(oneTry) },
        }), At(upstream.Port));

        await AssertError("web", 504, "timeout", StatusCode.DeadlineExceeded, "rule 'slow' of shop/web allows");
    }

    [Fact]
    public async Task A_time_limit_of_zero_is_none()
    {
        await using var upstream = await Upstream.NamedAsync("ok");
        _proxy.Serve("shop/web", Rules(Rule("off") with { Timeouts = new RouteTimeouts { Request = TimeSpan.Zero } }), At(upstream.Port));

        Assert.Equal(HttpStatusCode.OK, (await _proxy.GetAsync("web")).StatusCode);
    }

    [Theory]
    [InlineData("a:b:c")]
    [InlineData("web:99999")]
    [InlineData("")]
    public async Task A_host_that_is_none(string host)
    {
        var answer = await RawHttp.SendAsync(_proxy.Addresses.Outbound, $"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_host()
    {
        var answer = await RawHttp.SendAsync(_proxy.Addresses.Outbound, "GET / HTTP/1.0\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains("mesh-error: bad-request", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_response_that_has_started_is_cut_off_and_not_completed()
    {
        var received = new TaskCompletionSource();
        await using var upstream = await Upstream.StartAsync(async context =>
        {
            context.Response.ContentLength = 100;
            await context.Response.WriteAsync("only a part");
            await context.Response.Body.FlushAsync();
            await received.Task;
            context.Abort();
        });
        _proxy.Serve("shop/web", new ServiceSpec(), At(upstream.Port));
        using var response = await _proxy.GetAsync("web");
        received.SetResult();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_time_limit_cuts_off_a_response_that_has_started()
    {
        await using var upstream = await Upstream.StartAsync(async context =>
        {
            await context.Response.WriteAsync("first");
            await Task.Delay(TimeSpan.FromSeconds(30), TimeProvider.System, context.RequestAborted);
        });
        _proxy.Serve("shop/web", Rules(Rule("slow") with { Timeouts = new RouteTimeouts { Request = Milliseconds(300) } }), At(upstream.Port));
        using var response = await _proxy.GetAsync("web");

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => response.Content.ReadAsStringAsync());
        await Eventually.Holds("the limit is counted", async () =>
            (await _proxy.AdminAsync("/metrics")).Contains("mesh_errors_total{service=\"shop/web\",code=\"timeout\"} 1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Counts_what_gRPC_callers_see_as_200_for_what_it_is()
    {
        _proxy.Serve("shop/web", new ServiceSpec { Protocol = ServiceProtocol.Grpc }, At(FreePort.Next()));
        using var channel = _proxy.Grpc("web");

        await Assert.ThrowsAsync<RpcException>(
            () => channel.CreateCallInvoker().AsyncUnaryCall(EchoGrpc.Unary, null, new CallOptions(), "hi").ResponseAsync);

        var stats = _proxy.Table.GetOrAdd(new("shop", "web")).Model!.Rules[0].Backends[0].Stats;
        await Eventually.Holds("the error is counted", () => stats.CountOf(5) == 1);
        Assert.Equal(0, stats.CountOf(2));
    }

    [Fact]
    public async Task HEAD_gets_the_headers_only()
    {
        var response = await _proxy.Http1.SendAsync(_proxy.Request(HttpMethod.Head, "nobody", "/"));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.True(response.Content.Headers.ContentLength > 0);
    }

    private static TimeSpan? Milliseconds(int? value) => value is { } some ? TimeSpan.FromMilliseconds(some) : null;

    private static async Task SayAndCloseAsync(TcpListener listener, string said)
    {
        try
        {
            while (true)
            {
                using var socket = await listener.AcceptSocketAsync();
                await socket.ReceiveAsync(new byte[4096]);
                await socket.SendAsync(Encoding.ASCII.GetBytes(said));
            }
        }
        catch (SocketException)
        {
            // The test stopped the listener.
        }
    }

    private async Task AssertError(string host, int status, string code, StatusCode grpcStatus, string says)
    {
        foreach (var client in (HttpClient[])[_proxy.Http1, _proxy.Http2])
        {
            using var response = await _proxy.GetAsync(host, client: client);
            var body = await response.Content.ReadAsStringAsync();
            Assert.Equal((status, code), ((int)response.StatusCode, response.Headers.GetValues("mesh-error").Single()));
            Assert.StartsWith($"{code}: ", body, StringComparison.Ordinal);
            Assert.Contains(says, body, StringComparison.Ordinal);
            Assert.Equal(body.Length - 1, body.IndexOf('\n', StringComparison.Ordinal));
            if (code is "connect-failed")
            {
                break;
            }
        }

        using var channel = _proxy.Grpc(host);
        var call = channel.CreateCallInvoker().AsyncUnaryCall(EchoGrpc.Unary, null, new CallOptions(), "hi");
        var exception = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
        Assert.Equal(grpcStatus, exception.StatusCode);
        Assert.Contains(says, exception.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(code, (await call.ResponseHeadersAsync).GetValue("mesh-error"));
    }
}
