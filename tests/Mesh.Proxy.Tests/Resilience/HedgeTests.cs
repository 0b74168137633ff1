using System.Globalization;
using System.Net;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Resilience;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Resilience;

public sealed class HedgeTests : RetryTestBase
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(50);

    [Theory]
    [InlineData("GET", 0)]
    [InlineData("PUT", 1_000)]
    public async Task The_faster_of_two_answers_and_the_other_is_cancelled(string method, int size)
    {
        var cancelled = new Counter();
        await using var slow = await HangingAsync(cancelled);
        await using var fast = await Attempts.FailingAsync(503, times: 0);
        Serve(Hedged(), At(slow.Port, "slow"), At(fast.Port, "fast"));
        var content = new byte[size];

        for (var i = 0; i < 4; i++)
        {
            using var response = await SendAsync(method, size == 0 ? null : new ByteArrayContent(content));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(content, await response.Content.ReadAsByteArrayAsync());
        }

        var hedges = Counters.CountOf(RetryReason.Hedge);
        Assert.InRange(hedges, 1, 4);
        await Eventually.Holds("every slow try is cancelled", () => cancelled.Value == slow.Count && slow.Count == hedges);
        await Eventually.Holds("nothing is counted as in flight", () => Endpoints().All(endpoint => endpoint.Stats.InFlight == 0));
    }

    [Fact]
    public async Task Who_answers_in_time_is_alone()
    {
        await using var upstream = await Attempts.FailingAsync(503, times: 0);
        Serve(Hedged(TimeSpan.FromSeconds(30)), At(upstream.Port, "one"), At(upstream.Port, "two"));

        using var response = await SendAsync("GET");

        Assert.Equal((HttpStatusCode.OK, 1, 0), (response.StatusCode, upstream.Count, Counters.CountOf(RetryReason.Hedge)));
    }

    [Theory]
    [InlineData("POST", 10)]
    [InlineData("PUT", ReplayableBody.Limit + 1)]
    public async Task What_must_not_or_cannot_be_sent_twice_is_not(string method, int size)
    {
        await using var upstream = await Attempts.StartAsync(static async (context, _) =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            await Task.Delay(5 * Soon, TimeProvider.System);
        });
        Serve(Hedged(), At(upstream.Port, "one"), At(upstream.Port, "two"));

        using var response = await SendAsync(method, new ByteArrayContent(new byte[size]));

        Assert.Equal((HttpStatusCode.OK, 1), (response.StatusCode, upstream.Count));
    }

    [Fact]
    public async Task The_budget_bounds_it()
    {
        await using var upstream = await Attempts.StartAsync(static (_, _) => Task.Delay(3 * Soon, TimeProvider.System));
        Serve(Hedged(), new RetryBudget { Percent = 0, MinPerSecond = 0 }, At(upstream.Port, "one"), At(upstream.Port, "two"));

        using var response = await SendAsync("GET");

        Assert.Equal((HttpStatusCode.OK, 1), (response.StatusCode, upstream.Count));
        Assert.Equal(1, Counters.CountOf(RetryRefusal.Budget));
        await Eventually.Holds("nothing is under way", () => Endpoints().All(static endpoint => endpoint.Stats.InFlight == 0));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(429)]
    public async Task A_failure_does_not_win_the_race(int status)
    {
        await using var slow = await Attempts.StartAsync(static async (context, _) =>
        {
            await Task.Delay(6 * Soon, TimeProvider.System);
            await context.Response.WriteAsync("slow but right");
        });
        await using var failing = await Attempts.FailingAsync(status, times: int.MaxValue);
        Serve(Hedged(), At(slow.Port, "slow"), At(failing.Port, "failing"));

        // The first of two in turn is one of them; only when it is the slow one there is a race.
        for (var i = 0; i < 2; i++)
        {
            using var response = await SendAsync("GET");
            Assert.Equal(Counters.CountOf(RetryReason.Hedge) == 0 ? status : 200, (int)response.StatusCode);
            if (Counters.CountOf(RetryReason.Hedge) > 0)
            {
                break;
            }
        }

        Assert.Equal(1, Counters.CountOf(RetryReason.Hedge));
    }

    [Theory]
    [InlineData(500, 1, 0)]
    [InlineData(503, 1, 1)]
    [InlineData(429, 0, 0)]
    public async Task What_the_loser_answered_counts_for_its_endpoint(int status, int failures, int gatewayErrors)
    {
        await using var slow = await Attempts.StartAsync(static (_, _) => Task.Delay(6 * Soon, TimeProvider.System));
        await using var failing = await Attempts.FailingAsync(status, times: int.MaxValue, retryAfter: status == 500 ? null : "9");
        ServeWatched(At(slow.Port, "slow"), At(failing.Port, "failing"));
        await UntilHedgedAsync();

        var stats = Endpoints().Single(static endpoint => endpoint.Endpoint.Id == "failing").Stats;

        // Where it was asked first, it answered the caller, and that counts as well.
        Assert.InRange(failing.Count, 1, 2);
        Assert.Equal(
            (failing.Count * failures, failing.Count * gatewayErrors),
            (stats.Ejection.ConsecutiveFailures, stats.Ejection.ConsecutiveGatewayErrors));
        Assert.Equal(failing.Count * failures, stats.Failures);
        Assert.Equal(status != 500, stats.IsPenalized(TimeProvider.System.GetTimestamp()));
    }

    [Fact]
    public async Task A_loser_that_finds_no_connection_in_time_has_failed()
    {
        using var hole = await BlackHole.StartAsync();
        await using var slow = await Attempts.StartAsync(static (_, _) => Task.Delay(12 * Soon, TimeProvider.System));
        ServeWatched(At(hole.Port, "hole"), At(slow.Port, "slow"));
        await UntilHedgedAsync();

        var stats = Endpoints().Single(static endpoint => endpoint.Endpoint.Id == "hole").Stats;

        Assert.True(stats.Failures > 0);
        Assert.Equal(stats.Failures, stats.Ejection.ConsecutiveGatewayErrors);
    }

    [Fact]
    public async Task The_second_is_told_how_much_time_is_left_by_then()
    {
        var told = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var slow = await Attempts.StartAsync((context, _) =>
        {
            told.Enqueue(context.Request.Headers["mesh-timeout"].ToString());
            return Task.Delay(5 * Soon, TimeProvider.System);
        });
        Serve(
            Hedged() with { Timeouts = new RouteTimeouts { Request = TimeSpan.FromSeconds(30) } }, At(slow.Port, "one"), At(slow.Port, "two"));

        using var response = await SendAsync("GET");

        int[] left = [.. told.Select(static value => int.Parse(value.AsSpan()[..^2], CultureInfo.InvariantCulture))];
        Assert.Equal(2, left.Length);
        Assert.True(left[0] - left[1] >= Soon.TotalMilliseconds - 1, $"{left[0]} ms, then {left[1]} ms");
    }

    [Fact]
    public async Task No_connection_for_the_second_is_no_answer()
    {
        await using var slow = await Attempts.StartAsync(static async (context, _) =>
        {
            await Task.Delay(6 * Soon, TimeProvider.System);
            await context.Response.WriteAsync("slow but right");
        });
        Serve(Hedged(), At(slow.Port, "slow"), At(FreePort.Next(), "dead"));

        for (var i = 0; i < 4; i++)
        {
            using var response = await SendAsync("GET");
            Assert.Equal("slow but right", await response.Content.ReadAsStringAsync());
        }

        await Eventually.Holds("nothing is counted as in flight", () => Endpoints().All(endpoint => endpoint.Stats.InFlight == 0));
        Assert.True(Endpoints().Single(endpoint => endpoint.Endpoint.Id == "dead").Stats.Failures > 0);
    }

    [Fact]
    public async Task Both_over_their_time_are_one_timeout()
    {
        var cancelled = new Counter();
        await using var slow = await HangingAsync(cancelled);
        Serve(
            Hedged() with { Timeouts = new RouteTimeouts { Request = 6 * Soon } },
            At(slow.Port, "one"),
            At(slow.Port, "two"));

        using var response = await SendAsync("GET");

        Assert.Equal("timeout", response.Headers.GetValues("mesh-error").Single());
        await Eventually.Holds("both are cancelled", () => cancelled.Value == 2);
        await Eventually.Holds("nothing is counted as in flight", () => Endpoints().All(endpoint => endpoint.Stats.InFlight == 0));
    }

    [Theory]
    [InlineData(ServiceProtocol.Http)]
    [InlineData(ServiceProtocol.Http2)]
    public async Task Answers_that_arrive_at_the_same_moment_are_never_mixed(ServiceProtocol protocol)
    {
        // Each endpoint takes about as long as the first one has alone, give or take what threads take.
        await using var one = await MarkedAsync("1", protocol);
        await using var two = await MarkedAsync("2", protocol);
        Serve(
            Hedged(TimeSpan.FromMilliseconds(4)),
            new RetryBudget { Percent = 1_000, MinPerSecond = 100_000 },
            At(one.Port, "one", protocol: protocol),
            At(two.Port, "two", protocol: protocol));

        var winners = new Counter();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; i < 60; i++)
            {
                var client = worker % 2 == 0 ? Proxy.Http1 : Proxy.Http2;
                using var response = await SendAsync("GET", client: client);
                var body = await response.Content.ReadAsStringAsync();
                var mark = response.Headers.GetValues("x-mark").Single();
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                Assert.Equal(string.Concat(Enumerable.Repeat(mark, 2_000)), body);
                winners.Next();
            }
        })));

        Assert.Equal(16 * 60, winners.Value);
        Assert.True(Counters.CountOf(RetryReason.Hedge) > 50, $"{Counters.CountOf(RetryReason.Hedge)} hedges");
        await Eventually.Holds("nothing is counted as in flight", () => Endpoints().All(endpoint => endpoint.Stats.InFlight == 0));
    }

    /// <summary>Counts what endpoints do, ejects none, and gives up connecting soon.</summary>
    private void ServeWatched(params Mesh.Abstractions.Endpoints.Endpoint[] endpoints) => Proxy.Serve(
        "shop/web",
        new ServiceSpec
        {
            Routes = [Hedged()],
            Traffic = new TrafficPolicy
            {
                LoadBalancer = new LoadBalancerPolicy { Type = LoadBalancerType.RoundRobin },
                OutlierDetection = new OutlierDetection { ConsecutiveFailures = 100 },
                Connections = new ConnectionPolicy { ConnectTimeout = 4 * Soon },
            },
        },
        endpoints);

    /// <summary>The first of two in turn is one of them, not always the one that makes a second necessary.</summary>
    private async Task UntilHedgedAsync()
    {
        for (var i = 0; i < 2 && Counters.CountOf(RetryReason.Hedge) == 0; i++)
        {
            using var response = await SendAsync("GET");
        }

        Assert.Equal(1, Counters.CountOf(RetryReason.Hedge));
        await Eventually.Holds("nothing is counted as in flight", () => Endpoints().All(endpoint => endpoint.Stats.InFlight == 0));
    }

    private static RouteRule Hedged(TimeSpan? delay = null) => Rule("all") with { Hedge = new HedgePolicy { Delay = delay ?? Soon } };

    private static Task<Attempts> HangingAsync(Counter cancelled) => Attempts.StartAsync(async (context, _) =>
    {
        try
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            await Task.Delay(TimeSpan.FromSeconds(30), TimeProvider.System, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            cancelled.Next();
        }
    });

    private static Task<Attempts> MarkedAsync(string mark, ServiceProtocol protocol) => Attempts.StartAsync(async (context, number) =>
    {
        await Task.Delay(TimeSpan.FromMilliseconds(3 + (number % 4)), TimeProvider.System, context.RequestAborted);
        context.Response.Headers["x-mark"] = mark;
        context.Response.Headers["x-number"] = number.ToString(CultureInfo.InvariantCulture);
        await context.Response.WriteAsync(string.Concat(Enumerable.Repeat(mark, 2_000)));
    }, protocol);

    private UpstreamEndpoint[] Endpoints() => Proxy.Table.GetOrAdd(new("shop", "web")).Model!.Endpoints.All;
}
