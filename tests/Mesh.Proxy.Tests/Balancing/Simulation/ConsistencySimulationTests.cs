using Mesh.Abstractions.Traffic;
using Microsoft.Extensions.Time.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Tests.Balancing.Simulation;

/// <summary>How much consistent hashing leaves where it was.</summary>
public sealed class ConsistencySimulationTests
{
    private const int Keys = 50_000;

    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(LoadBalancerType.RingHash, 3)]
    [InlineData(LoadBalancerType.RingHash, 10)]
    [InlineData(LoadBalancerType.RingHash, 30)]
    [InlineData(LoadBalancerType.Maglev, 3)]
    [InlineData(LoadBalancerType.Maglev, 10)]
    [InlineData(LoadBalancerType.Maglev, 30)]
    public void When_an_endpoint_leaves_few_keys_move(LoadBalancerType type, int count)
    {
        var endpoints = Endpoints(count);
        var before = Placed(type, endpoints);
        for (var leaving = 0; leaving < count; leaving += Math.Max(1, count / 5))
        {
            var after = Placed(type, [.. endpoints.Where((_, position) => position != leaving)]);

            var moved = before.Zip(after).Count(static pair => pair.First != pair.Second);
            Assert.True(moved <= 1.2 / count * Keys, $"{100.0 * moved / Keys:0.00} % of the keys move when one of {count} leaves");
        }
    }

    [Theory]
    [InlineData(LoadBalancerType.RingHash)]
    [InlineData(LoadBalancerType.Maglev)]
    public void When_one_joins_most_of_what_moves_goes_there(LoadBalancerType type)
    {
        var before = Placed(type, Endpoints(10));
        var after = Placed(type, Endpoints(11));

        var moved = before.Zip(after).Where(static pair => pair.First != pair.Second).ToArray();
        Assert.InRange(moved.Length, 0.8 / 11 * Keys, 1.2 / 11 * Keys);
        Assert.True(moved.Count(static pair => pair.Second == "e10") > 0.9 * moved.Length);
    }

    private static Endpoint[] Endpoints(int count) => [.. Enumerable.Range(0, count).Select(static i => At(1_000 + i, $"e{i}"))];

    private string[] Placed(LoadBalancerType type, Endpoint[] endpoints) =>
        TestPool.Placed(TestPool.Of(TestPool.Balanced(type), endpoints, _time), _time, Keys);
}
