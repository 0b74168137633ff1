using System.Diagnostics;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Resilience;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Resilience;

/// <summary>What ends retrying: the budget, the time, the endpoint's own word, the caller.</summary>
public sealed class RetryLimitTests : RetryTestBase
{
    [Fact]
    public async Task A_budget_that_is_used_up_forbids_retries()
    {
        await using var upstream = await Attempts.FailingAsync(503, times: 1_000);
        Serve(Retry(1, 503), new RetryBudget { Percent = 50, MinPerSecond = 0 }, At(upstream.Port));

        for (var i = 0; i < 10; i++)
        {
            using var response = await SendAsync("GET");
            Assert.Equal(503, (int)response.StatusCode);
        }

        Assert.Equal(15, upstream.Count);
        Assert.Equal((5, 5), (Counters.CountOf(RetryReason.Status), Counters.CountOf(RetryRefusal.Budget)));
        Assert.Contains("mesh_retries_refused_total{service=\"shop/web\",rule=\"all\",backend=\"shop/web\",reason=\"budget\"} 5\n",
            await Proxy.AdminAsync("/metrics"), StringComparison.Ordinal);
        PrometheusText.AssertValid(await Proxy.AdminAsync("/metrics"));
    }

    [Fact]
    public async Task The_budget_outlives_a_snapshot()
    {
        await using var upstream = await Attempts.FailingAsync(503, times: 1_000);
        for (var i = 0; i < 10; i++)
        {
            Serve(Retry(1, 503), new RetryBudget { Percent = 0, MinPerSecond = 1, Window = TimeSpan.FromSeconds(3) }, At(upstream.Port));
            using var response = await SendAsync("GET");
        }

        Assert.InRange(Counters.CountOf(RetryReason.Status), 3, 8);
        Assert.NotEqual(0, Counters.CountOf(RetryRefusal.Budget));
    }

    [Fact]
    public async Task The_time_of_the_request_bounds_its_retries()
    {
        await using var upstream = await Attempts.FailingAsync(503, times: 1_000);
        Serve(Retry(10, 503) with
        {
            Retry = new RetryPolicy { Attempts = 10, Codes = [503], Backoff = TimeSpan.FromMilliseconds(900) },
            Timeouts = new RouteTimeouts { Request = TimeSpan.FromMilliseconds(3_000) },
        }, At(upstream.Port));

        using var response = await SendAsync("GET");

        Assert.Equal(503, (int)response.StatusCode);
        Assert.InRange(upstream.Count, 2, 4);
        Assert.Equal(1, Counters.CountOf(RetryRefusal.Wait));
    }

    [Theory]
    [InlineData("30", null)]
    [InlineData("Fri, 31 Dec 2100 23:59:59 GMT", null)]
    [InlineData("1", 900)]
    public async Task Who_says_when_to_come_back_is_not_asked_before(string retryAfter, int? limit)
    {
        await using var upstream = await Attempts.FailingAsync(503, retryAfter: retryAfter);
        Serve(Retry(1, 503) with
        {
            Timeouts = new RouteTimeouts { Request = limit is { } some ? TimeSpan.FromMilliseconds(some) : null },
        }, At(upstream.Port));

        using var response = await SendAsync("GET");

        Assert.Equal((503, 1), ((int)response.StatusCode, upstream.Count));
        Assert.Equal(1, Counters.CountOf(RetryRefusal.Wait));
    }

    [Fact]
    public async Task Who_says_soon_is_asked_then()
    {
        await using var upstream = await Attempts.FailingAsync(429, retryAfter: "1");
        Serve(Retry(1, 429), At(upstream.Port));
        var started = Stopwatch.GetTimestamp();

        using var response = await SendAsync("GET");

        Assert.Equal((200, 2), ((int)response.StatusCode, upstream.Count));
        Assert.True(Stopwatch.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(990), $"{Stopwatch.GetElapsedTime(started)}");
    }

    [Fact]
    public async Task A_caller_who_leaves_during_the_back_off_ends_it()
    {
        await using var upstream = await Attempts.FailingAsync(503, times: 1_000);
        Serve(Retry(1) with { Retry = new RetryPolicy { Codes = [503], Backoff = TimeSpan.FromSeconds(50) } }, At(upstream.Port));
        using var leave = new CancellationTokenSource();
        var call = Proxy.Http1.SendAsync(Proxy.Request(HttpMethod.Get, "web", "/"), leave.Token);
        await Eventually.Holds("the retry is planned", () => Counters.CountOf(RetryReason.Status) == 1);

        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await Eventually.Holds("the request is over", () => Proxy.Active.Outbound == 0);
        Assert.Equal(1, upstream.Count);
    }
}
