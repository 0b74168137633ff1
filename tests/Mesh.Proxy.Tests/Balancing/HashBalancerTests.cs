using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Resilience;
using Microsoft.Extensions.Time.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Tests.Balancing;

public sealed class HashBalancerTests
{
    private const int Keys = 20_000;

    private readonly FakeTimeProvider _time = new();

    public static TheoryData<LoadBalancerType> Types => [LoadBalancerType.RingHash, LoadBalancerType.Maglev];

    [Theory]
    [MemberData(nameof(Types))]
    public void All_proxies_agree_whatever_order_they_were_told_the_endpoints_in(LoadBalancerType type)
    {
        var one = TestPool.Of(TestPool.Balanced(type), Endpoints(10), _time);
        var other = TestPool.Of(TestPool.Balanced(type), [.. Endpoints(10).Reverse()], _time);

        Assert.Equal(TestPool.Placed(one, _time, Keys), TestPool.Placed(other, _time, Keys));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Only_the_keys_of_who_is_ejected_move_and_they_come_back(LoadBalancerType type)
    {
        var pool = TestPool.Of(
            TestPool.Balanced(type) with { OutlierDetection = new OutlierDetection { ConsecutiveFailures = 1 } }, Endpoints(10), _time);
        var before = TestPool.Placed(pool, _time, Keys);
        pool.Outliers!.Report(pool.All[3], TryVerdict.Failure, isProbe: false);

        var during = TestPool.Placed(pool, _time, Keys);

        var moved = before.Zip(during).Where(static pair => pair.First != pair.Second).ToArray();
        Assert.All(moved, static pair => Assert.Equal("e3", pair.First));
        Assert.DoesNotContain("e3", during);

        // They are spread over all others, not piled on one.
        Assert.All(moved.CountBy(static pair => pair.Second), count => Assert.InRange(count.Value, 1, moved.Length / 4));
        Assert.Equal(9, moved.DistinctBy(static pair => pair.Second).Count());

        _time.Advance(TimeSpan.FromSeconds(2));
        var probe = pool.Pick(new PickContext(_time.GetTimestamp(), TestPool.Key(0)), out var isProbe)!;
        Assert.True(isProbe);
        pool.Outliers.Report(probe, TryVerdict.Success, isProbe);
        Assert.Equal(before, TestPool.Placed(pool, _time, Keys));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_request_without_the_key_goes_anywhere(LoadBalancerType type)
    {
        var pool = TestPool.Of(TestPool.Balanced(type), Endpoints(3), _time);

        Assert.All(TestPool.Count(pool, _time, 3_000).Values, static count => Assert.InRange(count, 800, 1_200));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_retry_goes_elsewhere_and_always_to_the_same(LoadBalancerType type)
    {
        var pool = TestPool.Of(TestPool.Balanced(type), Endpoints(10), _time);
        var context = new PickContext(_time.GetTimestamp(), TestPool.Key(1));
        var first = pool.Pick(context, out _)!;

        var seconds = Enumerable.Range(0, 50).Select(_ => pool.PickUntried(context, [first.Stats])!.Endpoint.Id).Distinct().ToArray();

        Assert.NotEqual(first.Endpoint.Id, Assert.Single(seconds));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Everybody_being_out_leaves_nobody(LoadBalancerType type)
    {
        var traffic = TestPool.Balanced(type) with
        {
            OutlierDetection = new OutlierDetection { ConsecutiveFailures = 1, MaxEjectedPercent = 100 },
            Locality = new LocalityPolicy { PanicThresholdPercent = 0 },
        };
        var pool = TestPool.Of(traffic, Endpoints(2), _time);
        pool.Outliers!.Report(pool.All[0], TryVerdict.Failure, isProbe: false);
        Assert.Equal("e1", pool.Pick(new PickContext(_time.GetTimestamp(), 7), out _)!.Endpoint.Id);
        pool.Outliers.Report(pool.All[1], TryVerdict.Failure, isProbe: false);

        Assert.Null(pool.Pick(new PickContext(_time.GetTimestamp(), 7), out _));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_table_is_kept_as_long_as_its_members_stay(LoadBalancerType type)
    {
        var (keys, weights) = (new ulong[] { 1, 2, 3 }, new[] { 1, 1, 1 });
        var first = new HashTables(type, null);
        var table = first.Get(keys, weights);
        var unused = new HashTables(type, first);

        Assert.Same(table, first.Get([.. keys], [.. weights]));
        Assert.Same(table, new HashTables(type, unused).Get([.. keys], [.. weights]));
        Assert.NotSame(table, new HashTables(type, first).Get([.. keys], [1, 1, 2]));
        Assert.NotSame(table, new HashTables(type, first).Get([1, 2, 4], [.. weights]));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Ten_thousand_endpoints_all_get_keys(LoadBalancerType type)
    {
        var pool = TestPool.Of(TestPool.Balanced(type), Endpoints(10_000), _time);

        Assert.True(TestPool.Placed(pool, _time, 100_000).Distinct().Count() > 9_900);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Extreme_weights_are_no_trouble(LoadBalancerType type)
    {
        var pool = TestPool.Of(
            TestPool.Balanced(type), [At(1, "heavy", weight: 1_000_000), .. Endpoints(5_000)], _time);

        Assert.InRange(TestPool.Placed(pool, _time, 10_000).Count(static id => id == "heavy"), 9_000, 10_000);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_hash_key_is_needed(LoadBalancerType type) => Assert.Throws<ArgumentException>(() =>
        TestPool.Of(new TrafficPolicy { LoadBalancer = new LoadBalancerPolicy { Type = type } }, Endpoints(1), _time));

    private static Endpoint[] Endpoints(int count) => [.. Enumerable.Range(0, count).Select(static i => At(1_000 + (i % 60_000), $"e{i}"))];
}
