using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Deadlines;
using Mesh.Proxy.Limits;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Tests.Limits;

public sealed class RequestLimitTests : IAsyncLifetime
{
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ProxyHost _proxy = null!;
    private Upstream _upstream = null!;

    public async ValueTask InitializeAsync()
    {
        _proxy = await ProxyHost.StartAsync();
        _upstream = await Upstream.StartAsync(_ => _release.Task);
    }

    public async ValueTask DisposeAsync()
    {
        _release.TrySetResult();
        await _proxy.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    private RequestGate Gate => _proxy.Table.GetOrAdd(new("shop", "web")).Gate!;

    [Fact]
    public async Task More_than_the_limit_wait_and_more_than_those_are_refused()
    {
        Serve(new RequestLimits { Concurrent = 2, Pending = 1, PendingTimeout = TimeSpan.FromSeconds(30) });
        var admitted = Enumerable.Range(0, 3).Select(_ => _proxy.GetAsync("web")).ToArray();
        await Eventually.Holds("two are inside and one waits", () => (Gate.InFlight, Gate.Waiting) == (2, 1));

        using var refused = await _proxy.GetAsync("web");

        await AssertOverloadedAsync(refused, "2 requests at shop/web (limits.concurrent), and 1 may wait (limits.pending)");
        Assert.Contains("mesh_pending_requests{service=\"shop/web\"} 1", await _proxy.AdminAsync("/metrics"), StringComparison.Ordinal);
        _release.SetResult();
        Assert.All(await Task.WhenAll(admitted), static response => Assert.Equal(200, (int)response.StatusCode));
        await Eventually.Holds("all have left", () => (Gate.InFlight, Gate.Waiting) == (0, 0));
    }

    [Fact]
    public async Task Who_waits_too_long_is_refused_or_is_over_its_own_time()
    {
        Serve(new RequestLimits { Concurrent = 1, Pending = 2, PendingTimeout = TimeSpan.FromMilliseconds(200) });
        var inside = _proxy.GetAsync("web");
        await Eventually.Holds("one is inside", () => Gate.InFlight == 1);

        using var refused = await _proxy.GetAsync("web");
        await AssertOverloadedAsync(refused, "has waited 200ms (limits.pendingTimeout)");

        using var hurried = _proxy.Request(HttpMethod.Get, "web", "/");
        hurried.Headers.TryAddWithoutValidation(DeadlineHeaders.Mesh, "50ms");
        using var late = await _proxy.Http1.SendAsync(hurried);
        Assert.Equal("deadline-exceeded", late.Headers.GetValues("mesh-error").Single());
        _release.SetResult();
        Assert.Equal(200, (int)(await inside).StatusCode);
    }

    [Fact]
    public async Task A_full_endpoint_is_passed_over_and_when_all_are_the_service_is()
    {
        Serve(new RequestLimits { ConcurrentPerEndpoint = 2 }, LoadBalancerType.Random, At(_upstream.Port, "one"), At(_upstream.Port, "two"), At(_upstream.Port, "three"));
        var inside = Enumerable.Range(0, 6).Select(_ => _proxy.GetAsync("web")).ToArray();
        await Eventually.Holds("each has two", () => Endpoints.All(endpoint => endpoint.Stats.InFlight == 2));

        using var refused = await _proxy.GetAsync("web");

        await AssertOverloadedAsync(refused, "6 requests at shop/web (limits.concurrentPerEndpoint over all endpoints)");
        _release.SetResult();
        Assert.All(await Task.WhenAll(inside), static response => Assert.Equal(200, (int)response.StatusCode));
        await Eventually.Holds("none has any", () => Endpoints.All(endpoint => endpoint.Stats.InFlight == 0));
    }

    [Fact]
    public async Task New_numbers_apply_to_what_is_under_way()
    {
        Serve(new RequestLimits { Concurrent = 1 });
        var first = _proxy.GetAsync("web");
        await Eventually.Holds("one is inside", () => Gate.InFlight == 1);
        Serve(new RequestLimits { Concurrent = 2 });
        var second = _proxy.GetAsync("web");
        await Eventually.Holds("two are inside", () => Gate.InFlight == 2);

        Serve(new RequestLimits { Concurrent = 1 });
        using var refused = await _proxy.GetAsync("web");
        await AssertOverloadedAsync(refused, "");
        Serve(null);
        var third = _proxy.GetAsync("web");
        await Eventually.Holds("three are inside", () => Gate.InFlight == 3);

        _release.SetResult();
        Assert.All(await Task.WhenAll(first, second, third), static response => Assert.Equal(200, (int)response.StatusCode));
    }

    private UpstreamEndpoint[] Endpoints => _proxy.Table.GetOrAdd(new("shop", "web")).Model!.Endpoints.All;

    private static async Task AssertOverloadedAsync(HttpResponseMessage response, string says)
    {
        Assert.Equal((503, "overloaded"), ((int)response.StatusCode, response.Headers.GetValues("mesh-error").Single()));
        Assert.Contains(says, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private void Serve(RequestLimits? limits) => Serve(limits, default, At(_upstream.Port));

    private void Serve(RequestLimits? limits, LoadBalancerType balancer, params Endpoint[] endpoints) => _proxy.Serve(
        "shop/web",
        new ServiceSpec { Traffic = new TrafficPolicy { Limits = limits, LoadBalancer = new LoadBalancerPolicy { Type = balancer } } },
        endpoints);
}
