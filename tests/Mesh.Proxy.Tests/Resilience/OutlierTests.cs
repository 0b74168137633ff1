using System.Net;
using System.Text.Json;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Resilience;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using Microsoft.Extensions.Time.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Tests.Resilience;

public sealed class OutlierTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private ProxyHost _proxy = null!;

    public async ValueTask InitializeAsync() => _proxy = await ProxyHost.StartAsync(time: _time);

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    [Fact]
    public async Task An_endpoint_that_keeps_failing_gets_no_requests_until_a_probe_succeeds()
    {
        var isHealthy = false;
        await using var bad = await Attempts.StartAsync((context, _) =>
        {
            context.Response.StatusCode = isHealthy ? 200 : 500;
            return Task.CompletedTask;
        });
        await using var good = await Upstream.NamedAsync("good");
        Endpoint[] endpoints = [At(bad.Port, "bad"), At(good.Port, "good")];
        Serve(endpoints);

        await CallAsync(20);
        Assert.Equal(3, bad.Count);
        await AssertShown("Ejected");

        // A new snapshot changes nothing.
        Serve(endpoints);
        await CallAsync(4);
        Assert.Equal(3, bad.Count);

        // One probe fails: twice as long again.
        _time.Advance(TimeSpan.FromSeconds(1.21));
        await CallAsync(4);
        Assert.Equal(4, bad.Count);
        _time.Advance(TimeSpan.FromSeconds(1.59));
        await CallAsync(4);
        Assert.Equal(4, bad.Count);

        isHealthy = true;
        _time.Advance(TimeSpan.FromSeconds(1));
        Endpoints[0].Stats.Failed(_time.GetTimestamp());
        await CallAsync(1);
        Assert.Equal(5, bad.Count);
        Assert.InRange(Endpoints[0].Stats.LatencyMilliseconds(_time.GetTimestamp()), 0, 1);
        await AssertShown("InRotation");
        await CallAsync(10);
        Assert.Equal(10, bad.Count);
    }

    [Fact]
    public async Task Connections_that_cannot_be_made_count()
    {
        await using var good = await Upstream.NamedAsync("good");
        Serve(At(FreePort.Next(), "dead"), At(good.Port, "good"));

        for (var i = 0; i < 20; i++)
        {
            using var response = await _proxy.GetAsync("web");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(3, Endpoints[0].Stats.Requests);
    }

    [Fact]
    public async Task When_all_are_ejected_the_answer_says_so()
    {
        await using var bad = await Attempts.FailingAsync(502, times: 1_000);
        Serve(maxEjectedPercent: 100, At(bad.Port, "one"), At(bad.Port + 1, "not ready") with { State = Mesh.Abstractions.Endpoints.EndpointState.NotReady });
        await CallAsync(3);

        using var response = await _proxy.GetAsync("web");

        Assert.Equal((503, "no-endpoints"), ((int)response.StatusCode, response.Headers.GetValues("mesh-error").Single()));
        Assert.Matches("the only ready endpoint of shop/web is ejected for failing .*probed in [01]\\.[0-9] s", await response.Content.ReadAsStringAsync());
        Assert.Equal(3, bad.Count);
    }

    [Fact]
    public async Task When_too_few_are_left_even_the_ejected_are_tried()
    {
        await using var bad = await Attempts.FailingAsync(502, times: 3);
        _proxy.Serve(
            "shop/web",
            new ServiceSpec { Traffic = new TrafficPolicy { OutlierDetection = new OutlierDetection { ConsecutiveFailures = 3, MaxEjectedPercent = 100 } } },
            At(bad.Port));
        await CallAsync(3);
        Assert.Equal(EjectionPhase.Ejected, Endpoints[0].Stats.Ejection.Phase);

        using var response = await _proxy.GetAsync("web");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("mesh_panic_requests_total{service=\"shop/web\"} 1\n", await _proxy.AdminAsync("/metrics"), StringComparison.Ordinal);
        Assert.Contains("\"panic\": true", await _proxy.AdminAsync("/endpoints"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_of_gateways_and_calls_without_an_answer_are_gateway_errors()
    {
        await using var bad = await Attempts.StartAsync((context, number) =>
        {
            context.Response.StatusCode = number == 1 ? 500 : 503;
            if (number == 3)
            {
                context.Abort();
            }

            return Task.CompletedTask;
        });
        await using var good = await Upstream.NamedAsync("good");
        _proxy.Serve(
            "shop/web",
            new ServiceSpec
            {
                Traffic = new TrafficPolicy
                {
                    LoadBalancer = new LoadBalancerPolicy { Type = LoadBalancerType.RoundRobin },
                    OutlierDetection = new OutlierDetection { ConsecutiveFailures = 100, ConsecutiveGatewayErrors = 3 },
                },
            },
            At(bad.Port, "bad"),
            At(good.Port, "good"));

        await CallAsync(20);

        Assert.Equal((4, EjectionPhase.Ejected), (bad.Count, Endpoints[0].Stats.Ejection.Phase));
    }

    [Fact]
    public async Task Callers_who_leave_do_not_count()
    {
        var reached = new SemaphoreSlim(0);
        await using var slow = await Upstream.StartAsync(async context =>
        {
            reached.Release();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        });
        Serve(maxEjectedPercent: 100, At(slow.Port));
        for (var i = 0; i < 4; i++)
        {
            using var leave = new CancellationTokenSource();
            var call = _proxy.Http1.SendAsync(_proxy.Request(HttpMethod.Get, "web", "/"), leave.Token);
            Assert.True(await reached.WaitAsync(Eventually.Deadline));
            await leave.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        }

        await Eventually.Holds("the requests are over", () => _proxy.Active.Outbound == 0);
        Assert.Equal((0, EjectionPhase.InRotation), (Endpoints[0].Stats.Ejection.ConsecutiveFailures, Endpoints[0].Stats.Ejection.Phase));
    }

    [Fact]
    public async Task A_caller_who_leaves_a_probe_leaves_it_to_the_next()
    {
        var reached = new SemaphoreSlim(0);
        await using var upstream = await Attempts.StartAsync(async (context, number) =>
        {
            context.Response.StatusCode = number <= 3 ? 500 : 200;
            if (number == 4)
            {
                reached.Release();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
            }
        });
        Serve(maxEjectedPercent: 100, At(upstream.Port));
        await CallAsync(3);
        _time.Advance(TimeSpan.FromSeconds(1.3));
        using var leave = new CancellationTokenSource();
        var call = _proxy.Http1.SendAsync(_proxy.Request(HttpMethod.Get, "web", "/"), leave.Token);
        Assert.True(await reached.WaitAsync(Eventually.Deadline));
        Assert.Equal(EjectionPhase.Probing, Endpoints[0].Stats.Ejection.Phase);

        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await Eventually.Holds("the request is over", () => _proxy.Active.Outbound == 0);

        using var response = await _proxy.GetAsync("web");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(EjectionPhase.InRotation, Endpoints[0].Stats.Ejection.Phase);
    }

    [Fact]
    public async Task Without_outlier_detection_nobody_is_ejected()
    {
        await using var bad = await Attempts.FailingAsync(500, times: 1_000);
        _proxy.Serve("shop/web", new ServiceSpec(), At(bad.Port));

        await CallAsync(20);

        Assert.Equal(20, bad.Count);
        Assert.DoesNotContain("mesh_endpoint_ejected{", await _proxy.AdminAsync("/metrics"), StringComparison.Ordinal);
    }

    private UpstreamEndpoint[] Endpoints => _proxy.Table.GetOrAdd(new("shop", "web")).Model!.Endpoints.All;

    private void Serve(params Endpoint[] endpoints) => Serve(50, endpoints);

    private void Serve(int maxEjectedPercent, params Endpoint[] endpoints) => _proxy.Serve(
        "shop/web",
        new ServiceSpec
        {
            Traffic = new TrafficPolicy
            {
                LoadBalancer = new LoadBalancerPolicy { Type = LoadBalancerType.RoundRobin },
                OutlierDetection = new OutlierDetection { ConsecutiveFailures = 3, MaxEjectedPercent = maxEjectedPercent },
                Locality = new LocalityPolicy { PanicThresholdPercent = 0 },
            },
        },
        endpoints);

    /// <summary>Calls one after the other; each has been judged when the next begins.</summary>
    private async Task CallAsync(int times)
    {
        for (var i = 0; i < times; i++)
        {
            using var response = await _proxy.GetAsync("web");
            await response.Content.ReadAsByteArrayAsync();
            await Eventually.Holds("the request is over", () => _proxy.Active.Outbound == 0);
        }
    }

    private async Task AssertShown(string phase)
    {
        var shown = JsonDocument.Parse(await _proxy.AdminAsync("/endpoints")).RootElement.GetProperty("services")[0].GetProperty("endpoints")[0];
        Assert.Equal(phase, shown.GetProperty("ejection").GetString());
        var isEjected = phase == "Ejected";
        Assert.Equal(isEjected ? 3 : 0, shown.GetProperty("consecutiveFailures").GetInt32());
        if (isEjected)
        {
            Assert.InRange((shown.GetProperty("ejectedUntil").GetDateTimeOffset() - _time.GetUtcNow()).TotalSeconds, 0.8, 1.2);
        }

        var metrics = await _proxy.AdminAsync("/metrics");
        Assert.Matches($"mesh_endpoint_ejected\\{{service=\"shop/web\",endpoint=\"bad\"[^}}]*\\}} {(isEjected ? 1 : 0)}\n", metrics);
        PrometheusText.AssertValid(metrics);
    }
}
