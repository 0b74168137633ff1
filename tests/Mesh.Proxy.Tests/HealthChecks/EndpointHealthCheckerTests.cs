using System.Text.Json;
using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Proxy.Tests.Resilience;
using Mesh.Testing;
using Microsoft.Extensions.Time.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Tests.HealthChecks;

public sealed class EndpointHealthCheckerTests : IAsyncLifetime
{
    /// <summary>With time enough for an answer of a busy machine.</summary>
    private static readonly HealthCheck Policy = new()
    {
        Path = "/health?deep=1",
        Interval = TimeSpan.FromMilliseconds(500),
        Timeout = TimeSpan.FromMilliseconds(500),
        UnhealthyThreshold = 2,
        HealthyThreshold = 2,
    };

    /// <summary>For tests that only count checks.</summary>
    private static readonly HealthCheck Quick = Policy with { Interval = TimeSpan.FromMilliseconds(100), Timeout = TimeSpan.FromMilliseconds(100) };

    private ProxyHost _proxy = null!;

    public async ValueTask InitializeAsync() => _proxy = await ProxyHost.StartAsync();

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    [Fact]
    public async Task Who_fails_its_checks_gets_no_requests_until_it_passes_again()
    {
        var status = 204;
        var targets = new System.Collections.Concurrent.ConcurrentBag<string>();
        await using var changing = await Attempts.StartAsync((context, _) =>
        {
            targets.Add(context.Request.Path + context.Request.QueryString);
            context.Response.StatusCode = context.Request.Path == "/health" ? Volatile.Read(ref status) : 200;
            return Task.CompletedTask;
        });
        await using var good = await Upstream.NamedAsync("good");
        Endpoint[] endpoints = [At(changing.Port, "changing"), At(good.Port, "good")];
        Serve(Policy, endpoints);
        await Eventually.Holds("both were checked", () => Stats(0).Health.Checks > 1 && Stats(1).Health.Checks > 1);
        Assert.False(Stats(0).Health.IsFailing);
        Assert.Contains("/health?deep=1", targets);

        // 302 is a success for a sidecar's own check, but not for this one.
        Volatile.Write(ref status, 302);
        await Eventually.Holds("it is unhealthy", () => Stats(0).Health.IsFailing);
        var before = Stats(0).Requests;
        for (var i = 0; i < 20; i++)
        {
            using var response = await _proxy.GetAsync("web");
            Assert.Equal("good", await response.Content.ReadAsStringAsync());
        }

        Assert.Equal((before, 0), (Stats(0).Requests, Stats(0).Ejection.Ejections));
        var page = JsonDocument.Parse(await _proxy.AdminAsync("/endpoints")).RootElement.GetProperty("services")[0].GetProperty("endpoints")[0];
        Assert.Equal("Unhealthy", page.GetProperty("health").GetString());
        Assert.Contains("302", page.GetProperty("healthProblem").GetString(), StringComparison.Ordinal);
        var metrics = await _proxy.AdminAsync("/metrics");
        Assert.Matches("mesh_endpoint_unhealthy\\{service=\"shop/web\",endpoint=\"changing\"[^}]*\\} 1\n", metrics);
        PrometheusText.AssertValid(metrics);

        // A new snapshot changes nothing.
        Serve(Policy, endpoints);
        Assert.True(Stats(0).Health.IsFailing);

        Volatile.Write(ref status, 200);
        await Eventually.Holds("it is healthy", () => !Stats(0).Health.IsFailing);
        await Eventually.Holds("it gets requests", async () =>
        {
            using var response = await _proxy.GetAsync("web");
            return Stats(0).Requests > before;
        });
    }

    [Fact]
    public async Task No_answer_in_time_is_a_failure()
    {
        await using var hanging = await Upstream.StartAsync(static context =>
            Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
        Serve(Quick, At(hanging.Port));

        await Eventually.Holds("it is unhealthy", () => Stats(0).Health.IsFailing);

        Assert.Equal("no answer within 0.1 s", Stats(0).Health.Problem);
    }

    [Fact]
    public async Task A_port_that_nobody_listens_on_fails_a_tcp_check()
    {
        await using var good = await Upstream.NamedAsync("good");
        Serve(Policy with { Type = HealthCheckProtocol.Tcp }, At(FreePort.Next(), "dead"), At(good.Port, "good"));

        await Eventually.Holds("it is unhealthy", () => Stats(0).Health.IsFailing);

        await Eventually.Holds("the other was checked", () => Stats(1).Health.Checks > 2);
        Assert.False(Stats(1).Health.IsFailing);
    }

    [Fact]
    public async Task A_grpc_check_asks_the_health_service()
    {
        await using var serving = await Upstream.StartAsync(
            static app => app.MapGrpcHealthChecksService(),
            ServiceProtocol.Grpc,
            static services =>
            {
                services.AddGrpc();
                services.AddGrpcHealthChecks().AddCheck("app", static () => Microsoft.Extensions.Diagnostics.HealthChecks.HealthCheckResult.Healthy());
                services.Configure<Microsoft.Extensions.Diagnostics.HealthChecks.HealthCheckPublisherOptions>(static options => options.Delay = TimeSpan.Zero);
            });
        await using var other = await Upstream.StartAsync(static context => context.Response.WriteAsync("ok"), ServiceProtocol.Grpc);
        _proxy.Serve(
            "shop/web",
            Spec(Policy with { Type = HealthCheckProtocol.Grpc }) with
            {
                Protocol = ServiceProtocol.Grpc,
            },
            At(other.Port, "other"),
            At(serving.Port, "serving"));

        await Eventually.Holds("the one without the service is unhealthy", () => Stats(0).Health.IsFailing);
        await Eventually.Holds("the other passes", () => Stats(1).Health is { IsFailing: false, Problem: null, Checks: > 2 });
    }

    [Fact]
    public async Task No_more_than_sixty_four_are_asked_at_once()
    {
        var crowd = new Crowd();
        await using var slow = await Upstream.StartAsync(crowd.ServeAsync);

        var policy = Policy with { Interval = TimeSpan.FromSeconds(1), Timeout = TimeSpan.FromSeconds(1) };
        for (var service = 0; service < 6; service++)
        {
            _proxy.Serve($"shop/other-{service}", Spec(policy), Many(slow.Port, 40));
        }

        Serve(policy, Many(slow.Port, 40));
        await Eventually.Holds("all were asked", () => Enumerable.Range(0, 40).All(i => Stats(i).Health.Checks >= 1));

        Assert.InRange(crowd.Most, 32, 64);
        for (var service = 0; service < 6; service++)
        {
            _proxy.Serve($"shop/other-{service}", Spec(null));
        }

        // There is always somebody due; changes are noticed all the same.
        Serve(null, At(slow.Port, "e0"));
        await Eventually.Holds("nobody is asked any more", () => crowd.Current == 0 && Stats(0).Health.Problem is null);
    }

    [Fact]
    public async Task No_more_than_sixteen_of_a_service_are_asked_at_once_and_all_have_their_turn()
    {
        var crowd = new Crowd();
        await using var slow = await Upstream.StartAsync(crowd.ServeAsync);

        Serve(Policy with { Interval = TimeSpan.FromSeconds(1), Timeout = TimeSpan.FromSeconds(1) }, Many(slow.Port, 100));
        await Eventually.Holds("all were asked", () => Enumerable.Range(0, 100).All(i => Stats(i).Health.Checks >= 1));

        Assert.InRange(crowd.Most, 8, 16);
    }

    [Fact]
    public async Task Endpoints_that_hang_do_not_stop_the_checks_of_another_service()
    {
        await using var hanging = await Upstream.StartAsync(static context =>
            Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
        await using var good = await Upstream.NamedAsync("good");
        _proxy.Serve(
            "shop/hanging", Spec(Policy with { Interval = TimeSpan.FromMinutes(1), Timeout = TimeSpan.FromMinutes(1) }), Many(hanging.Port, 100));
        Serve(Quick, At(good.Port));

        // All of the others are due within a second.
        await Eventually.Holds("it is checked on and on", () => Stats(0).Health.Checks > 20);
    }

    [Fact]
    public async Task An_endpoint_that_is_gone_or_gets_no_requests_is_not_checked()
    {
        await using var gone = await Attempts.StartAsync(static (_, _) => Task.CompletedTask);
        await using var leaving = await Attempts.StartAsync(static (_, _) => Task.CompletedTask);
        await using var good = await Upstream.NamedAsync("good");
        Serve(Quick, At(gone.Port, "gone"), At(good.Port, "good"), At(leaving.Port, "leaving") with { State = EndpointState.Draining });
        await Eventually.Holds("it was checked", () => gone.Count > 1);

        Serve(Quick, At(good.Port, "good"));
        var checks = Stats(0).Health.Checks;
        await Eventually.Holds("the change was seen", () => Stats(0).Health.Checks > checks + 15);
        var count = gone.Count;
        checks = Stats(0).Health.Checks;
        await Eventually.Holds("others are checked on", () => Stats(0).Health.Checks > checks + 5);

        Assert.Equal((count, 0), (gone.Count, leaving.Count));
    }

    [Fact]
    public async Task Without_the_policy_what_was_found_is_forgotten()
    {
        var dead = FreePort.Next();
        Serve(Quick, At(dead));
        await Eventually.Holds("it is unhealthy", () => Stats(0).Health.IsFailing);

        Serve(null, At(dead));

        await Eventually.Holds("it is forgotten", () => !Stats(0).Health.IsFailing);
    }

    [Fact]
    public async Task A_service_that_nobody_uses_is_not_checked_until_it_is_used_again()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        await using var proxy = await ProxyHost.StartAsync(time: time);
        await using var idle = await Attempts.StartAsync(static (_, _) => Task.CompletedTask);
        await using var used = await Attempts.StartAsync(static (_, _) => Task.CompletedTask);

        // The time does not wait for a check that is on its way: with a shorter limit, a busy machine would answer none in time.
        var interval = TimeSpan.FromSeconds(30);
        var policy = Policy with { Interval = interval, Timeout = interval };
        proxy.Serve("shop/web", Spec(policy), At(idle.Port));
        proxy.Serve("shop/used", Spec(policy), At(used.Port));
        await EventuallyAfter(time, "both are checked", () => idle.Count > 1 && used.Count > 1);

        // Only checks were sent to it so far: it is idle. The one that was due when the time passed may be on its way.
        time.Advance(TimeSpan.FromMinutes(10));
        await CheckUsedAsync(times: 1);
        var count = idle.Count;
        await CheckUsedAsync(times: 2);
        Assert.Equal(count, idle.Count);

        using var response = await proxy.GetAsync("web");
        count = idle.Count;
        await EventuallyAfter(time, "it is checked again", () => idle.Count > count);

        async Task CheckUsedAsync(int times)
        {
            using var request = await proxy.GetAsync("used");
            var before = used.Count;
            await EventuallyAfter(time, "the other is checked on", () => used.Count >= before + times);
        }
    }

    /// <summary>Answers after 400 ms, and counts who waits.</summary>
    private sealed class Crowd
    {
        private int _current;
        private int _most;

        public int Current => Volatile.Read(ref _current);

        public int Most => Volatile.Read(ref _most);

        public async Task ServeAsync(HttpContext context)
        {
            var now = Interlocked.Increment(ref _current);
            for (var seen = Most; now > seen; seen = Most)
            {
                Interlocked.CompareExchange(ref _most, now, seen);
            }

            try
            {
                await Task.Delay(TimeSpan.FromMilliseconds(400), TimeProvider.System, context.RequestAborted);
            }
            finally
            {
                Interlocked.Decrement(ref _current);
            }
        }
    }

    private static Task EventuallyAfter(FakeTimeProvider time, string what, Func<bool> holds) => Eventually.Holds(what, () =>
    {
        time.Advance(TimeSpan.FromMilliseconds(500));
        return holds();
    });

    private static Endpoint[] Many(int port, int count) => [.. Enumerable.Range(0, count).Select(i => At(port, $"e{i}"))];

    private static ServiceSpec Spec(HealthCheck? policy) => new()
    {
        Traffic = new TrafficPolicy { HealthCheck = policy, LoadBalancer = new LoadBalancerPolicy { Type = LoadBalancerType.RoundRobin } },
    };

    private EndpointStats Stats(int index) => _proxy.Table.GetOrAdd(new("shop", "web")).Model!.Endpoints.All[index].Stats;

    private void Serve(HealthCheck? policy, params Endpoint[] endpoints) => _proxy.Serve("shop/web", Spec(policy), endpoints);
}
