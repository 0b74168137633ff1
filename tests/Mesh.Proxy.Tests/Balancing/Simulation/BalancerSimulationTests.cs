using Mesh.Abstractions.Traffic;
using Microsoft.Extensions.Time.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Tests.Balancing.Simulation;

/// <summary>The properties for which one chooses a balancer.</summary>
public sealed class BalancerSimulationTests
{
    private readonly FakeTimeProvider _time = new();

    public static TheoryData<LoadBalancerType> Types => [.. Enum.GetValues<LoadBalancerType>()];

    [Fact]
    public void With_one_of_ten_ten_times_slower_peak_ewma_has_a_fifth_of_round_robins_p99()
    {
        var peakEwma = Percentile99(LoadBalancerType.PeakEwma);
        var roundRobin = Percentile99(LoadBalancerType.RoundRobin);

        Assert.True(roundRobin >= 5 * peakEwma, $"p99 is {roundRobin:0.0} ms with round robin and {peakEwma:0.0} ms with peak EWMA");

        double Percentile99(LoadBalancerType type) => Run(type, Endpoints(10), requestsPerSecond: 1_000, static (position, random) =>
            (position == 3 ? 100 : 10) * (0.8 + (0.4 * random.NextDouble()))).Percentile(99);
    }

    [Fact]
    public void With_unlike_costs_least_request_keeps_the_fullest_within_a_third_of_the_mean()
    {
        var leastRequest = Imbalance(LoadBalancerType.LeastRequest);
        var random = Imbalance(LoadBalancerType.Random);

        Assert.InRange(leastRequest, 1, 1.3);
        Assert.True(random > 1.3, $"a random choice does as well ({random:0.00}): the costs are too much alike");

        // One request in twenty takes two hundred times as long as the others.
        double Imbalance(LoadBalancerType type) => Run(type, Endpoints(10), requestsPerSecond: 20_000, static (_, random) =>
            random.Next(20) == 0 ? 200 : 1).Imbalance;
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Weights_are_honoured_within_two_percent(LoadBalancerType type)
    {
        foreach (var requestsPerSecond in (double[])[10, 300, 1_000, 10_000])
        {
            _time.Advance(TimeSpan.FromMinutes(5));
            var shares = Run(
                type,
                [At(1, "a", weight: 6), At(2, "b", weight: 3), At(3, "c", weight: 1)],
                requestsPerSecond,
                static (_, random) => 10 * (0.8 + (0.4 * random.NextDouble()))).Shares;

            double[] expected = [0.6, 0.3, 0.1];
            Assert.All(
                shares.Zip(expected),
                pair => Assert.True(
                    Math.Abs(pair.First - pair.Second) <= 0.02,
                    $"at {requestsPerSecond} requests a second the shares are {string.Join(", ", shares.Select(static share => $"{share:0.000}"))}"));
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Equals_get_equal_shares(LoadBalancerType type) => Assert.All(
        Run(type, Endpoints(5), requestsPerSecond: 1_000, static (_, random) => 20 * random.NextDouble()).Shares,
        static share => Assert.Equal(0.2, share, 0.02));

    private static Endpoint[] Endpoints(int count) => [.. Enumerable.Range(0, count).Select(static i => At(1_000 + i, $"e{i}"))];

    private SimulationResult Run(LoadBalancerType type, Endpoint[] endpoints, double requestsPerSecond, Func<int, Random, double> latency) =>
        new Simulator(_time).Run(TestPool.Of(TestPool.Balanced(type), endpoints, _time), 40_000, requestsPerSecond, latency);
}
