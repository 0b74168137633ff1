using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Resilience;
using Microsoft.Extensions.Time.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Resilience;

public sealed class OutlierDetectorTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();

    private long Now => _time.GetTimestamp();

    [Fact]
    public void Ejects_after_so_many_failures_in_a_row()
    {
        var pool = Pool(2, new OutlierDetection { ConsecutiveFailures = 3 });
        Report(pool, 0, TryVerdict.Failure, 2);
        Report(pool, 0, TryVerdict.Nothing, 5);
        Report(pool, 0, TryVerdict.Success);
        Report(pool, 0, TryVerdict.Failure, 2);
        Assert.Equal(["e0", "e1"], Picked(pool));

        Report(pool, 0, TryVerdict.Failure);

        Assert.Equal(["e1"], Picked(pool));
        Assert.Equal(1, pool.All[0].Stats.Ejection.Ejections);
    }

    [Fact]
    public void An_ejection_is_twice_as_long_as_the_last_up_to_the_longest()
    {
        var pool = Pool(2, new OutlierDetection { ConsecutiveFailures = 1, MinEjection = Second, MaxEjection = 5 * Second });
        Report(pool, 0, TryVerdict.Failure);

        foreach (var length in (double[])[1, 2, 4, 5, 5])
        {
            var planned = _time.GetElapsedTime(Now, pool.All[0].Stats.Ejection.Until).TotalSeconds;
            Assert.InRange(planned, length * 0.8, Math.Min(length * 1.2, 5));
            _time.Advance(TimeSpan.FromSeconds(planned) - TimeSpan.FromMilliseconds(1));
            Assert.Equal(["e1"], Picked(pool));
            _time.Advance(TimeSpan.FromMilliseconds(2));
            Probe(pool, "e0", TryVerdict.Failure);
        }
    }

    [Fact]
    public void Ejections_differ_in_length_so_that_proxies_do_not_probe_all_at_once()
    {
        var pool = Pool(20, new OutlierDetection { ConsecutiveFailures = 1, MaxEjectedPercent = 100 });
        for (var i = 0; i < 20; i++)
        {
            Report(pool, i, TryVerdict.Failure);
        }

        var lengths = pool.All.Select(endpoint => _time.GetElapsedTime(Now, endpoint.Stats.Ejection.Until)).ToArray();

        Assert.True(lengths.Max() - lengths.Min() > 0.2 * Second, $"from {lengths.Min()} to {lengths.Max()}");
    }

    [Fact]
    public void Who_did_well_for_long_begins_anew()
    {
        var pool = Pool(2, new OutlierDetection { ConsecutiveFailures = 1, MinEjection = Second, MaxEjection = 10 * Second });
        Report(pool, 0, TryVerdict.Failure);
        _time.Advance(1.2 * Second);
        Probe(pool, "e0", TryVerdict.Success);

        _time.Advance(9 * Second);
        Report(pool, 0, TryVerdict.Failure);
        Assert.Equal(2 * Second, pool.All[0].Stats.Ejection.Length);
        _time.Advance(2.4 * Second);
        Probe(pool, "e0", TryVerdict.Success);

        _time.Advance(10 * Second);
        Report(pool, 0, TryVerdict.Failure);
        Assert.Equal(Second, pool.All[0].Stats.Ejection.Length);
    }

    [Fact]
    public void One_probe_decides_and_the_others_go_elsewhere()
    {
        var pool = Pool(2, new OutlierDetection { ConsecutiveFailures = 1 });
        Report(pool, 0, TryVerdict.Failure);
        _time.Advance(1.2 * Second);

        var probed = pool.Pick(new PickContext(Now), out var isProbe)!;

        Assert.True(isProbe);
        Assert.Equal("e0", probed.Endpoint.Id);
        Assert.Equal(["e1"], Picked(pool));
        pool.Outliers!.Report(probed, TryVerdict.Success, isProbe: true);
        Assert.Equal(["e0", "e1"], Picked(pool));
        Assert.Equal(0, probed.Stats.Ejection.ConsecutiveFailures);
    }

    [Fact]
    public void Answers_to_earlier_requests_are_no_probe()
    {
        var pool = Pool(2, new OutlierDetection { ConsecutiveFailures = 1 });
        Report(pool, 0, TryVerdict.Failure);

        Report(pool, 0, TryVerdict.Success);
        Report(pool, 0, TryVerdict.Failure, 10);

        Assert.Equal(["e1"], Picked(pool));
        Assert.Equal(1, pool.All[0].Stats.Ejection.Ejections);
    }

    [Fact]
    public void A_probe_that_says_nothing_is_followed_by_another_at_once()
    {
        var pool = Pool(1, new OutlierDetection { ConsecutiveFailures = 1, MaxEjectedPercent = 100 });
        Report(pool, 0, TryVerdict.Failure);
        Assert.Null(pool.Pick(new PickContext(Now), out _));
        _time.Advance(1.2 * Second);

        Probe(pool, "e0", TryVerdict.Nothing);
        Probe(pool, "e0", TryVerdict.Success);

        Assert.Equal(["e0"], Picked(pool));
    }

    [Fact]
    public void A_probe_that_never_ends_is_followed_by_another()
    {
        var pool = Pool(2, new OutlierDetection { ConsecutiveFailures = 1, MinEjection = 3 * Second });
        Report(pool, 0, TryVerdict.Failure);
        _time.Advance(4 * Second);
        Assert.Equal("e0", pool.Pick(new PickContext(Now), out _)!.Endpoint.Id);

        _time.Advance(2.9 * Second);
        Assert.Equal(["e1"], Picked(pool));
        _time.Advance(0.2 * Second);

        Probe(pool, "e0", TryVerdict.Success);
    }

    [Theory]
    [InlineData(10, 50, 5)]
    [InlineData(10, 5, 1)]
    [InlineData(3, 50, 1)]
    [InlineData(2, 1, 1)]
    [InlineData(2, 99, 1)]
    [InlineData(2, 0, 0)]
    [InlineData(1, 99, 0)]
    [InlineData(1, 100, 1)]
    [InlineData(5, 100, 5)]
    public void Never_ejects_more_than_the_share(int endpoints, int percent, int expected)
    {
        var pool = Pool(endpoints, new OutlierDetection { ConsecutiveFailures = 1, MaxEjectedPercent = percent });
        for (var i = 0; i < endpoints; i++)
        {
            Report(pool, i, TryVerdict.Failure, 3);
        }

        Assert.Equal(endpoints - expected, Picked(pool).Count);
    }

    [Fact]
    public void Who_could_not_be_ejected_is_when_another_returns()
    {
        var pool = Pool(2, new OutlierDetection { ConsecutiveFailures = 1 });
        Report(pool, 0, TryVerdict.Failure);
        Report(pool, 1, TryVerdict.Failure);
        Assert.Equal(["e1"], Picked(pool));

        _time.Advance(1.2 * Second);
        Probe(pool, "e0", TryVerdict.Success);
        Report(pool, 1, TryVerdict.Failure);

        Assert.Equal(["e0"], Picked(pool));
    }

    [Fact]
    public void Ejections_outlive_a_snapshot()
    {
        var policy = new OutlierDetection { ConsecutiveFailures = 1 };
        var before = Pool(3, policy);
        Report(before, 0, TryVerdict.Failure);

        var after = Pool(3, policy, before);
        Assert.Equal(["e1", "e2"], Picked(after));

        // Requests sent before it still report to the old one.
        _time.Advance(1.2 * Second);
        Assert.Equal("e0", before.Pick(new PickContext(Now), out _)!.Endpoint.Id);
        before.Outliers!.Report(before.All[0], TryVerdict.Success, isProbe: true);
        Assert.Equal(["e0", "e1", "e2"], Picked(after));
    }

    [Fact]
    public void Some_return_when_the_others_are_gone()
    {
        var policy = new OutlierDetection { ConsecutiveFailures = 1 };
        var before = Pool(4, policy);
        Report(before, 0, TryVerdict.Failure);
        _time.Advance(TimeSpan.FromMilliseconds(500));
        Report(before, 1, TryVerdict.Failure);

        Assert.Equal(["e0"], Picked(Pool(2, policy, before)));
    }

    [Fact]
    public void Gateway_errors_in_a_row_have_a_threshold_of_their_own()
    {
        var pool = Pool(2, new OutlierDetection { ConsecutiveFailures = 100, ConsecutiveGatewayErrors = 3 });
        Report(pool, 0, TryVerdict.GatewayError, 2);
        Report(pool, 0, TryVerdict.Failure);
        Report(pool, 0, TryVerdict.GatewayError, 2);
        Assert.Equal(["e0", "e1"], Picked(pool));

        Report(pool, 0, TryVerdict.GatewayError);

        Assert.Equal(["e1"], Picked(pool));
    }

    [Fact]
    public void Gateway_errors_are_failures_too()
    {
        var pool = Pool(2, new OutlierDetection { ConsecutiveFailures = 3 });
        Report(pool, 0, TryVerdict.Failure);
        Report(pool, 0, TryVerdict.GatewayError, 2);

        Assert.Equal(["e1"], Picked(pool));
    }

    [Fact]
    public void Too_low_a_success_rate_ejects_once_there_are_enough_requests()
    {
        var rate = new SuccessRateDetection { Percent = 80, Window = 10 * Second, MinRequests = 20 };
        var pool = Pool(2, new OutlierDetection { ConsecutiveFailures = 100, SuccessRate = rate });
        Report(pool, 0, TryVerdict.Success, 15);
        Report(pool, 0, TryVerdict.Failure, 4);
        Assert.Equal(["e0", "e1"], Picked(pool));

        // 79 %: fifteen of nineteen were not enough requests, fifteen of twenty are too few successes.
        Report(pool, 0, TryVerdict.Failure);

        Assert.Equal(["e1"], Picked(pool));
        _time.Advance(1.2 * Second);
        Probe(pool, "e0", TryVerdict.Success);
        Report(pool, 0, TryVerdict.Failure);
        Assert.Equal(["e0", "e1"], Picked(pool));
    }

    [Fact]
    public void Without_the_policy_nobody_stays_ejected()
    {
        var before = Pool(2, new OutlierDetection { ConsecutiveFailures = 1 });
        Report(before, 0, TryVerdict.Failure);

        var after = new EndpointPool(new ServiceSpec(), [At(1_000, "e0"), At(1_001, "e1")], before, _time, new Random(7));

        Assert.Equal(["e0", "e1"], Picked(after));
    }

    [Fact]
    public void When_too_few_are_healthy_all_get_requests()
    {
        var policy = new OutlierDetection { ConsecutiveFailures = 1, MaxEjectedPercent = 100 };
        var pool = Pool(4, policy, panicPercent: 50);
        Report(pool, 0, TryVerdict.Failure);
        Report(pool, 1, TryVerdict.Failure);
        Assert.Equal(["e2", "e3"], Picked(pool));
        Assert.False(pool.IsPanic);

        Report(pool, 2, TryVerdict.Failure);

        Assert.True(pool.IsPanic);
        Assert.Equal(["e0", "e1", "e2", "e3"], Picked(pool));
        Assert.Equal(200, pool.Memory.PanicRequests);
    }

    [Fact]
    public void The_share_is_that_of_the_subset()
    {
        var pool = new EndpointPool(
            new ServiceSpec { Traffic = new TrafficPolicy { OutlierDetection = new OutlierDetection { ConsecutiveFailures = 1 } } },
            [.. Enumerable.Range(0, 8).Select(static i => At(1_000 + i, $"e{i}") with { Labels = new Dictionary<string, string> { ["v"] = i < 2 ? "2" : "1" } })],
            null,
            _time,
            new Random(7));
        var subset = pool.Subset(LabelSet.Create(new Dictionary<string, string> { ["v"] = "2" }));

        Report(subset, 0, TryVerdict.Failure);
        Report(subset, 1, TryVerdict.Failure);

        Assert.Equal(["e1"], Picked(subset));
        Assert.Equal(["e1", "e2", "e3", "e4", "e5", "e6", "e7"], Picked(pool));
    }

    /// <summary>Half of them is well, but those are ejected still, and as many as may be are ejected.</summary>
    [Fact]
    public void A_request_that_failed_everywhere_else_is_worth_a_try_at_an_ejected_endpoint()
    {
        var pool = Pool(4, new OutlierDetection { ConsecutiveFailures = 1, MaxEjectedPercent = 50 });
        Report(pool, 0, TryVerdict.Failure);
        _time.Advance(Second / 2);
        Report(pool, 1, TryVerdict.Failure);
        List<EndpointStats> tried = [];

        var order = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            var picked = pool.PickAgain(new PickContext(Now), tried)!;
            tried.Add(picked.Stats);
            order.Add(picked.Endpoint.Id);
        }

        Assert.Equal(["e2", "e3"], order.Take(2).Order());
        Assert.Equal(["e0", "e1"], order.Skip(2));
        Assert.Contains(pool.PickAgain(new PickContext(Now), tried)!.Endpoint.Id, (string[])["e2", "e3"]);
    }

    private static void Report(EndpointPool pool, int index, TryVerdict verdict, int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            pool.Outliers!.Report(pool.All[index], verdict, isProbe: false);
        }
    }

    private void Probe(EndpointPool pool, string expected, TryVerdict verdict)
    {
        var probed = pool.Pick(new PickContext(Now), out var isProbe)!;
        Assert.Equal((expected, true), (probed.Endpoint.Id, isProbe));
        pool.Outliers!.Report(probed, verdict, isProbe: true);
    }

    /// <summary>Whoever gets one of many requests, none of them a probe.</summary>
    private List<string> Picked(EndpointPool pool)
    {
        var ids = new SortedSet<string>();
        for (var i = 0; i < 200; i++)
        {
            if (pool.Pick(new PickContext(Now), out var isProbe) is { } endpoint)
            {
                Assert.False(isProbe);
                ids.Add(endpoint.Endpoint.Id);
            }
        }

        return [.. ids];
    }

    private EndpointPool Pool(int endpoints, OutlierDetection policy, EndpointPool? previous = null, int panicPercent = 0) => new(
        new ServiceSpec
        {
            Traffic = new TrafficPolicy
            {
                OutlierDetection = policy,
                LoadBalancer = new LoadBalancerPolicy { Type = LoadBalancerType.RoundRobin },
                Locality = new LocalityPolicy { PanicThresholdPercent = panicPercent },
            },
        },
        [.. Enumerable.Range(0, endpoints).Select(static i => At(1_000 + i, $"e{i}"))],
        previous,
        _time,
        new Random(7));
}
