using System.Text.Json;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Proxy.Tests.Resilience;
using Mesh.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Balancing;

/// <summary>What of a request decides where it goes, over real connections.</summary>
public sealed class BalancingTests : IAsyncLifetime
{
    private ProxyHost _proxy = null!;

    public async ValueTask InitializeAsync() => _proxy = await ProxyHost.StartAsync();

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    [Theory]
    [InlineData(LoadBalancerType.RingHash)]
    [InlineData(LoadBalancerType.Maglev)]
    public async Task Requests_with_the_same_key_meet_at_one_endpoint(LoadBalancerType type)
    {
        await using var one = await Upstream.NamedAsync("one");
        await using var other = await Upstream.NamedAsync("other");
        _proxy.Serve("shop/web", new ServiceSpec { Traffic = TestPool.Balanced(type) }, At(one.Port, "one"), At(other.Port, "other"));

        var names = new List<string>();
        for (var user = 0; user < 16; user++)
        {
            var first = await CallAsync("web", ("x-user", $"u{user}"));
            Assert.Equal(first, await CallAsync("web", ("x-user", $"u{user}")));
            names.Add(first);
        }

        Assert.Equal(2, names.Distinct().Count());
    }

    [Fact]
    public async Task A_backend_with_labels_gets_requests_only_at_endpoints_that_have_them()
    {
        await using var stable = await Upstream.NamedAsync("stable");
        await using var canary = await Upstream.NamedAsync("canary");
        _proxy.Serve(
            "shop/web",
            Rules(
                Subset("none", "/none", "v3"),
                Subset("canary", "/", "v2")),
            At(stable.Port, "stable") with { Labels = Version("v1") },
            At(canary.Port, "canary") with { Labels = Version("v2") });

        for (var i = 0; i < 8; i++)
        {
            Assert.Equal("canary", await CallAsync("web"));
        }

        using var response = await _proxy.GetAsync("web", "/none");
        Assert.Equal((503, "no-endpoints"), ((int)response.StatusCode, response.Headers.GetValues("mesh-error").Single()));
        Assert.Contains("shop/web with the labels version=v3 has no endpoints", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_answers_429_is_not_preferred_for_being_fast()
    {
        await using var busy = await Attempts.FailingAsync(429, times: 1_000, retryAfter: "5");
        await using var good = await Upstream.NamedAsync("good");
        _proxy.Serve("shop/web", new ServiceSpec(), At(busy.Port, "busy"), At(good.Port, "good"));
        while (busy.Count == 0)
        {
            await CallAsync("web");
        }

        // The caller may have the answer before it is judged.
        var stats = _proxy.Table.GetOrAdd(new("shop", "web")).Model!.Endpoints.All[0].Stats;
        await Eventually.Holds("the busy one is penalized", () => stats.IsPenalized(TimeProvider.System.GetTimestamp()));
        for (var i = 0; i < 30; i++)
        {
            Assert.Equal("good", await CallAsync("web"));
        }

        Assert.Equal(1, busy.Count);
        var page = JsonDocument.Parse(await _proxy.AdminAsync("/endpoints")).RootElement.GetProperty("services")[0].GetProperty("endpoints")[0];
        Assert.InRange(page.GetProperty("penalizedUntil").GetDateTimeOffset() - TimeProvider.System.GetUtcNow(), TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    private static Dictionary<string, string> Version(string version) => new() { ["version"] = version };

    private static RouteRule Subset(string name, string prefix, string version) => Rule(name, Prefix(prefix)) with
    {
        BackendRefs = [new BackendRef { Name = "web", Labels = Version(version) }],
    };

    private async Task<string> CallAsync(string host, params (string Name, string Value)[] headers)
    {
        var request = _proxy.Request(HttpMethod.Get, host, "/");
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var response = await _proxy.Http1.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }
}
