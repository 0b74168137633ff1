using System.Net;
using Grpc.Core;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Deadlines;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Proxy.Tests.Resilience;
using Mesh.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Deadlines;

public sealed class DeadlineTests : IAsyncLifetime
{
    private ProxyHost _proxy = null!;

    public async ValueTask InitializeAsync() => _proxy = await ProxyHost.StartAsync();

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    [Fact]
    public async Task The_callers_deadline_ends_a_request_at_the_endpoint_too()
    {
        var cancelled = new TaskCompletionSource();
        await using var upstream = await HangingAsync(cancelled);
        Serve(upstream.Port, new RouteTimeouts { Request = TimeSpan.FromSeconds(30) });

        using var response = await GetAsync("200ms");

        await AssertErrorAsync(response, 504, "deadline-exceeded", "the 0.2 s that the caller gave");
        await cancelled.Task.WaitAsync(Eventually.Deadline, TimeProvider.System);
    }

    [Fact]
    public async Task A_stricter_rule_is_a_timeout()
    {
        await using var upstream = await HangingAsync();
        Serve(upstream.Port, new RouteTimeouts { Request = TimeSpan.FromMilliseconds(100) });

        using var response = await GetAsync("30s");

        await AssertErrorAsync(response, 504, "timeout", "rule 'all' of shop/web allows 0.1 s");
    }

    [Fact]
    public async Task A_deadline_that_has_passed_reaches_nobody()
    {
        await using var upstream = await Attempts.StartAsync(static (_, _) => Task.CompletedTask);
        Serve(upstream.Port, null);

        using var response = await GetAsync("0s");

        await AssertErrorAsync(response, 504, "deadline-exceeded", "had passed");
        Assert.Equal(0, upstream.Count);
    }

    [Fact]
    public async Task A_deadline_that_is_none_is_refused()
    {
        await using var upstream = await Upstream.NamedAsync("ok");
        Serve(upstream.Port, null);

        using var response = await GetAsync("tomorrow");

        await AssertErrorAsync(response, 400, "bad-request", "mesh-timeout is 'tomorrow'");
    }

    [Theory]
    [InlineData("10s", 30_000, 10_000)]
    [InlineData("30s", 10_000, 10_000)]
    [InlineData("10s", null, 10_000)]
    [InlineData(null, 10_000, 10_000)]
    [InlineData(null, null, null)]
    public async Task The_next_hop_is_told_what_is_left(string? caller, int? rule, int? atMost)
    {
        await using var upstream = await ToldAsync();
        Serve(upstream.Port, rule is { } limit ? new RouteTimeouts { Request = TimeSpan.FromMilliseconds(limit) } : null);

        using var response = await GetAsync(caller);

        var told = await response.Content.ReadAsStringAsync();
        if (atMost is null)
        {
            Assert.Equal("", told);
            return;
        }

        Assert.True(GatewayDuration.TryParse(told, out var left), told);
        Assert.InRange(left.TotalMilliseconds, 1, atMost.Value);
    }

    [Fact]
    public async Task What_a_try_has_spent_is_not_left_to_the_next()
    {
        var told = new List<double>();
        await using var upstream = await Attempts.StartAsync(async (context, number) =>
        {
            Assert.True(GatewayDuration.TryParse(context.Request.Headers[DeadlineHeaders.Mesh], out var left));
            told.Add(left.TotalMilliseconds);
            if (number == 1)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System);
                context.Response.StatusCode = 503;
            }
        });
        _proxy.Serve("shop/web", Rules(Rule("all") with { Retry = new RetryPolicy { Codes = [503] } }), At(upstream.Port));

        using var response = await GetAsync("20s");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(told[0] - told[1] >= 290, $"{told[0]} then {told[1]}");
    }

    [Fact]
    public async Task A_gRPC_deadline_travels_and_is_enforced()
    {
        var told = new TaskCompletionSource<string>();
        await using var upstream = await Upstream.StartAsync(async context =>
        {
            told.TrySetResult($"{context.Request.Headers[DeadlineHeaders.Grpc]}|{context.Request.Headers[DeadlineHeaders.Mesh]}");
            await Task.Delay(TimeSpan.FromSeconds(30), TimeProvider.System, context.RequestAborted);
        }, ServiceProtocol.Grpc);
        _proxy.Serve("shop/web", new ServiceSpec { Protocol = ServiceProtocol.Grpc }, At(upstream.Port));
        using var request = _proxy.Request(HttpMethod.Post, "web", "/test.Echo/Say", new ByteArrayContent(new byte[5]));
        request.Content!.Headers.TryAddWithoutValidation("content-type", "application/grpc");
        request.Headers.TryAddWithoutValidation(DeadlineHeaders.Grpc, "200m");
        request.Headers.TryAddWithoutValidation(DeadlineHeaders.Mesh, "10s");
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;

        using var response = await _proxy.Http2.SendAsync(request);

        Assert.Equal(((int)StatusCode.DeadlineExceeded).ToString(System.Globalization.CultureInfo.InvariantCulture), response.Headers.GetValues("grpc-status").Single());
        Assert.Equal("deadline-exceeded", response.Headers.GetValues("mesh-error").Single());
        var parts = (await told.Task).Split('|');
        Assert.Equal("", parts[1]);
        Assert.True(GrpcTimeout.TryParse(parts[0], out var left));
        Assert.InRange(left.TotalMilliseconds, 1, 200);
    }

    [Fact]
    public async Task An_impatient_caller_gets_no_endpoint_ejected()
    {
        await using var upstream = await HangingAsync();
        _proxy.Serve("shop/web", new ServiceSpec
        {
            Traffic = new TrafficPolicy { OutlierDetection = new OutlierDetection { ConsecutiveFailures = 1, MaxEjectedPercent = 100, MinEjection = TimeSpan.FromMinutes(1) } },
        }, At(upstream.Port));

        for (var i = 0; i < 3; i++)
        {
            using var response = await GetAsync("50ms");
            await AssertErrorAsync(response, 504, "deadline-exceeded", "");
        }

        Assert.Equal(0, _proxy.Table.GetOrAdd(new("shop", "web")).Model!.Endpoints.All[0].Stats.Ejection.Ejections);
    }

    [Theory]
    [InlineData("30s", 0)]
    [InlineData(null, 1)]
    public async Task Nor_is_one_ejected_whose_proxy_enforces_that_callers_deadline(string? deadline, int ejections)
    {
        await using var upstream = await Upstream.StartAsync(static context =>
        {
            context.Response.StatusCode = 504;
            context.Response.Headers["mesh-error"] = "deadline-exceeded";
            return Task.CompletedTask;
        });
        _proxy.Serve("shop/web", new ServiceSpec
        {
            Traffic = new TrafficPolicy { OutlierDetection = new OutlierDetection { ConsecutiveFailures = 2, MaxEjectedPercent = 100, MinEjection = TimeSpan.FromMinutes(1) } },
        }, At(upstream.Port));

        for (var i = 0; i < 2; i++)
        {
            using var response = await GetAsync(deadline);
        }

        var endpoint = _proxy.Table.GetOrAdd(new("shop", "web")).Model!.Endpoints.All[0];
        await Eventually.Holds("the tries are over", () => endpoint.Stats.InFlight == 0 && endpoint.Stats.Ejection.Ejections == ejections);
    }

    [Theory]
    [InlineData("200ms", 504, "deadline-exceeded")]
    [InlineData("0s", 504, "deadline-exceeded")]
    [InlineData("x", 400, "bad-request")]
    public async Task The_inbound_proxy_enforces_deadlines(string caller, int status, string code)
    {
        await using var application = await HangingAsync();
        await using var proxy = await ProxyHost.StartAsync(new AppOptions("127.0.0.1", application.Port));
        using var request = new HttpRequestMessage(HttpMethod.Get, proxy.Addresses.Inbound);
        request.Headers.TryAddWithoutValidation(DeadlineHeaders.Mesh, caller);

        using var response = await proxy.Http1.SendAsync(request);

        await AssertErrorAsync(response, status, code, "");
    }

    [Fact]
    public async Task The_inbound_proxy_tells_the_application()
    {
        await using var application = await ToldAsync();
        await using var proxy = await ProxyHost.StartAsync(new AppOptions("127.0.0.1", application.Port));
        using var request = new HttpRequestMessage(HttpMethod.Get, proxy.Addresses.Inbound);
        request.Headers.TryAddWithoutValidation(DeadlineHeaders.Mesh, "10s");

        using var response = await proxy.Http1.SendAsync(request);

        Assert.True(GatewayDuration.TryParse(await response.Content.ReadAsStringAsync(), out var left));
        Assert.InRange(left.TotalSeconds, 1, 10);
    }

    private static Task<Upstream> ToldAsync() =>
        Upstream.StartAsync(static context => context.Response.WriteAsync(context.Request.Headers[DeadlineHeaders.Mesh].ToString()));

    private static Task<Upstream> HangingAsync(TaskCompletionSource? cancelled = null) => Upstream.StartAsync(async context =>
    {
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(30), TimeProvider.System, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            cancelled?.TrySetResult();
        }
    });

    private static async Task AssertErrorAsync(HttpResponseMessage response, int status, string code, string says)
    {
        Assert.Equal((status, code), ((int)response.StatusCode, response.Headers.GetValues("mesh-error").Single()));
        Assert.Contains(says, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private void Serve(int port, RouteTimeouts? timeouts) => _proxy.Serve("shop/web", Rules(Rule("all") with { Timeouts = timeouts }), At(port));

    private Task<HttpResponseMessage> GetAsync(string? deadline)
    {
        var request = _proxy.Request(HttpMethod.Get, "web", "/");
        if (deadline is not null)
        {
            request.Headers.TryAddWithoutValidation(DeadlineHeaders.Mesh, deadline);
        }

        return _proxy.Http1.SendAsync(request);
    }
}
