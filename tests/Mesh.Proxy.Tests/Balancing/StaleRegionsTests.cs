using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Regions;
using Mesh.Proxy.Resilience;
using Microsoft.Extensions.Time.Testing;
using static Mesh.Proxy.Tests.Regions.Reaches;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Tests.Balancing;

public sealed class StaleRegionsTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Their_endpoints_are_used_when_there_is_no_other()
    {
        Assert.Equal(["ap"], Picked(Pool(new TrafficPolicy(), Map(Stale("us")), In("us", "us"), In("ap", "ap"))));
        Assert.Equal(["us"], Picked(Pool(new TrafficPolicy(), Map(Stale("us")), In("us", "us"))));
        Assert.Equal(["ap", "us"], Picked(Pool(new TrafficPolicy(), Map(Fresh("us")), In("us", "us"), In("ap", "ap"))));
        Assert.Equal(["ap", "us"], Picked(Pool(new TrafficPolicy(), Map(Stale("us"), Stale("ap")), In("us", "us"), In("ap", "ap"))));
    }

    [Fact]
    public void They_are_last_also_where_nearness_plays_no_part()
    {
        var traffic = new TrafficPolicy { Locality = new LocalityPolicy { Enabled = false } };
        var pool = Pool(traffic, Map(Stale("us")), In("us", "us"), In("ap", "ap"), In("eu", "eu"));

        Assert.Equal(["ap", "eu"], Picked(pool));
        Assert.Equal(["stale", null, null], pool.All.Select(pool.LevelOf));
    }

    [Fact]
    public void The_level_has_a_name()
    {
        var pool = Pool(new TrafficPolicy(), Map(Stale("us")), In("us", "us"), In("ap", "ap"), In("eu", "eu"));

        Assert.Equal(["stale", "other", "region"], pool.All.Select(pool.LevelOf));
    }

    [Fact]
    public void What_fresh_endpoints_cannot_carry_does_not_spill_over_to_them()
    {
        var pool = Pool(Ejecting(panic: 0), Map(Stale("us")), In("eu", "a"), In("eu", "b"), In("eu", "c"), In("us", "us"));
        Eject(pool, "a", "b");

        Assert.Equal(["c"], Picked(pool));

        Eject(pool, "c");
        Assert.Equal(["us"], Picked(pool));
    }

    [Fact]
    public void In_a_panic_they_come_last_too()
    {
        var pool = Pool(Ejecting(panic: 50), Map(Stale("us")), In("eu", "a"), In("eu", "b"), In("eu", "c"), In("us", "us"));
        Eject(pool, "a", "b");

        Assert.True(pool.IsPanic);
        Assert.Equal(["a", "b", "c"], Picked(pool));

        // Better one that may be alive than those that just failed; and when it fails too, everybody.
        Eject(pool, "c");
        Assert.False(pool.IsPanic);
        Assert.Equal(["us"], Picked(pool));
        Eject(pool, "us");
        Assert.True(pool.IsPanic);
        Assert.Equal(["a", "b", "c"], Picked(pool));
    }

    [Fact]
    public void Retries_go_there_last()
    {
        var pool = Pool(new TrafficPolicy(), Map(Stale("us")), In("us", "us"), In("ap", "ap"), In("eu", "eu"));
        var tried = new List<EndpointStats>();
        var order = new List<string>();
        while (pool.PickUntried(new PickContext(_time.GetTimestamp()), tried) is { } endpoint)
        {
            tried.Add(endpoint.Stats);
            order.Add(endpoint.Endpoint.Id);
        }

        Assert.Equal(["eu", "ap", "us"], order);
    }

    [Fact]
    public void Only_endpoints_of_the_own_region_are_in_its_part_and_no_gateways_in_the_direct_one()
    {
        var map = Map(Via("us")).WithGateways([In("us", "g1")]);
        var pool = Pool(new TrafficPolicy(), map, In("eu", "a", 1, 1, ("v", "1")), In("eu", "b"), In("us", "us", 1, 1, ("v", "1")), In("ap", "ap"));

        Assert.Equal(["a", "b"], Ids(pool.Subset(null, PoolScope.OwnRegion)));
        Assert.Equal(["a"], Ids(pool.Subset(LabelSet.Create(new Dictionary<string, string> { ["v"] = "1" }), PoolScope.OwnRegion)));
        Assert.Equal(["a", "ap", "b"], Ids(pool.Subset(null, PoolScope.Direct)));
        Assert.Equal(["a", "gateway/g1/v=1"], Ids(pool.Subset(LabelSet.Create(new Dictionary<string, string> { ["v"] = "1" }))));
        Assert.Same(pool, pool.Subset(null));
    }

    private static string[] Ids(EndpointPool pool) => [.. pool.All.Select(static endpoint => endpoint.Endpoint.Id).Order(StringComparer.Ordinal)];

    private static TrafficPolicy Ejecting(int panic) => new()
    {
        OutlierDetection = new OutlierDetection { ConsecutiveFailures = 1, MaxEjectedPercent = 100 },
        Locality = new LocalityPolicy { PanicThresholdPercent = panic },
    };

    private static void Eject(EndpointPool pool, params string[] ids)
    {
        foreach (var endpoint in pool.All.Where(endpoint => ids.Contains(endpoint.Endpoint.Id)))
        {
            pool.Outliers!.Report(endpoint, TryVerdict.Failure, isProbe: false);
        }
    }

    private EndpointPool Pool(TrafficPolicy traffic, RegionMap regions, params Endpoint[] endpoints) =>
        new(new ServiceSpec { Traffic = traffic }, endpoints, null, _time, new Random(7), new ProxyPlace("eu"), regions: regions);

    private List<string> Picked(EndpointPool pool) =>
        [.. TestPool.Count(pool, _time, 300).Where(static count => count.Value > 0).Select(static count => count.Key).Order()];
}
