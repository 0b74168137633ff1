using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Resilience;
using Microsoft.Extensions.Time.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Balancing;

public sealed class SlowStartTests
{
    private static readonly SlowStart Policy = new() { Window = TimeSpan.FromSeconds(100), MinPercent = 10 };

    private readonly FakeTimeProvider _time = new();

    public static TheoryData<LoadBalancerType> Types => [.. Enum.GetValues<LoadBalancerType>()];

    [Theory]
    [MemberData(nameof(Types))]
    public void A_new_endpoint_gets_its_share_little_by_little(LoadBalancerType type)
    {
        var before = TestPool.Of(TestPool.Balanced(type, Policy), [At(1, "old")], _time);
        var pool = TestPool.Of(TestPool.Balanced(type, Policy), [At(1, "old"), At(2, "new")], _time, before);

        AssertShare(pool, 0.1 / 1.1);
        _time.Advance(TimeSpan.FromSeconds(50));
        AssertShare(pool, 0.55 / 1.55);
        _time.Advance(TimeSpan.FromSeconds(50));
        AssertShare(pool, 0.5);
    }

    [Fact]
    public void Nobody_is_new_when_all_are()
    {
        var empty = TestPool.Of(TestPool.Balanced(LoadBalancerType.Random, Policy), [], _time);

        AssertShare(TestPool.Of(TestPool.Balanced(LoadBalancerType.Random, Policy), [At(1, "old"), At(2, "new")], _time), 0.5);
        var pool = TestPool.Of(TestPool.Balanced(LoadBalancerType.Random, Policy), [At(1, "old"), At(2, "new")], _time, empty);
        Assert.All(pool.All, static endpoint => Assert.Null(endpoint.Stats.JoinedAt));
    }

    [Fact]
    public void A_snapshot_that_changes_nothing_starts_nothing()
    {
        var traffic = TestPool.Balanced(LoadBalancerType.Random, Policy);
        var first = TestPool.Of(traffic, [At(1, "old")], _time);
        var second = TestPool.Of(traffic, [At(1, "old"), At(2, "new")], _time, first);
        _time.Advance(TimeSpan.FromSeconds(100));

        AssertShare(TestPool.Of(traffic, [At(1, "old"), At(2, "new")], _time, second), 0.5);
    }

    [Fact]
    public void Who_becomes_ready_again_is_new()
    {
        var traffic = TestPool.Balanced(LoadBalancerType.Random, Policy);
        var first = TestPool.Of(traffic, [At(1, "old"), At(2, "new") with { State = EndpointState.NotReady }], _time);

        AssertShare(TestPool.Of(traffic, [At(1, "old"), At(2, "new")], _time, first), 0.1 / 1.1);
    }

    [Fact]
    public void Who_returns_from_an_ejection_is_new()
    {
        var pool = TestPool.Of(
            TestPool.Balanced(LoadBalancerType.Random, Policy) with { OutlierDetection = new OutlierDetection { ConsecutiveFailures = 1 } },
            [At(1, "old"), At(2, "new")],
            _time);
        pool.Outliers!.Report(pool.All[1], TryVerdict.Failure, isProbe: false);
        _time.Advance(TimeSpan.FromSeconds(2));
        var probed = pool.Pick(new PickContext(_time.GetTimestamp()), out var isProbe)!;
        pool.Outliers.Report(probed, TryVerdict.Success, isProbe);

        AssertShare(pool, 0.1 / 1.1);
    }

    [Theory]
    [InlineData(LoadBalancerType.RingHash)]
    [InlineData(LoadBalancerType.Maglev)]
    public void Keys_that_have_moved_to_a_new_endpoint_stay_there(LoadBalancerType type)
    {
        var traffic = TestPool.Balanced(type, Policy);
        var before = TestPool.Of(traffic, [At(1, "old"), At(3, "older")], _time);
        var pool = TestPool.Of(traffic, [At(1, "old"), At(3, "older"), At(2, "new")], _time, before);
        var early = TestPool.Placed(pool, _time, 5_000);
        _time.Advance(TimeSpan.FromSeconds(60));

        var late = TestPool.Placed(pool, _time, 5_000);

        Assert.All(early.Zip(late).Where(static pair => pair.First != pair.Second), static pair => Assert.Equal("new", pair.Second));
    }

    private void AssertShare(EndpointPool pool, double expected)
    {
        var counts = TestPool.Count(pool, _time, 20_000, static i => TestPool.Key(i));

        Assert.Equal(expected, counts["new"] / 20_000.0, 0.02);
    }
}
