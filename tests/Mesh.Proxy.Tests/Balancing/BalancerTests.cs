using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Balancing;
using Microsoft.Extensions.Time.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Balancing;

public sealed class BalancerTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Random _random = new(7);

    [Fact]
    public void Peak_ewma_sends_little_to_the_slow_one_of_ten()
    {
        var endpoints = Endpoints(1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
        var balancer = Balancer.Create(LoadBalancerType.PeakEwma, endpoints, null, _random);

        var counts = Simulate(balancer, endpoints, requests: 20_000, latency: i => i == 3 ? 200 : 5);

        Assert.InRange(counts[3], 1, 400);
        Assert.All(counts.Where((_, i) => i != 3), count => Assert.InRange(count, 1_000, 4_000));
    }

    [Fact]
    public void Peak_ewma_comes_back_to_one_that_has_recovered()
    {
        var endpoints = Endpoints(1, 1);
        var balancer = Balancer.Create(LoadBalancerType.PeakEwma, endpoints, null, _random);
        endpoints[0].Stats.Failed(_time.GetTimestamp());
        Simulate(balancer, endpoints, requests: 5_000, latency: _ => 5);

        _time.Advance(TimeSpan.FromSeconds(120));
        var counts = Simulate(balancer, endpoints, requests: 5_000, latency: _ => 5);

        Assert.InRange(counts[0], 1_500, 3_500);
    }

    [Fact]
    public void Peak_ewma_soon_forgives_one_mishap()
    {
        var endpoints = Endpoints(1, 1, 1, 1);
        var balancer = Balancer.Create(LoadBalancerType.PeakEwma, endpoints, null, _random);
        Simulate(balancer, endpoints, requests: 30_000, latency: _ => 5);
        endpoints[0].Stats.Failed(_time.GetTimestamp());
        Assert.InRange(Simulate(balancer, endpoints, requests: 2_000, latency: _ => 5)[0], 0, 50);

        Simulate(balancer, endpoints, requests: 25_000, latency: _ => 5);

        Assert.InRange(Simulate(balancer, endpoints, requests: 4_000, latency: _ => 5)[0], 600, 1_400);
    }

    [Fact]
    public void Peak_ewma_gives_next_to_nothing_to_one_that_refuses_every_connection_at_once()
    {
        var endpoints = Endpoints(1, 1, 1, 1);
        var balancer = Balancer.Create(LoadBalancerType.PeakEwma, endpoints, null, _random);
        Simulate(balancer, endpoints, requests: 30_000, latency: _ => 5);
        var refused = 0;
        for (var i = 0; i < 60_000; i++)
        {
            var picked = balancer.Pick(new PickContext(_time.GetTimestamp()));
            var started = _time.GetTimestamp();
            if (picked == endpoints[0])
            {
                picked.Stats.Failed(started);
                refused++;
            }
            else
            {
                _time.Advance(TimeSpan.FromMilliseconds(1));
                picked.Stats.Answered(200, started - (_time.TimestampFrequency / 200));
            }
        }

        Assert.InRange(refused, 1, 10);
    }

    [Fact]
    public void Peak_ewma_avoids_one_that_refuses_connections_quickly()
    {
        var endpoints = Endpoints(1, 1);
        var balancer = Balancer.Create(LoadBalancerType.PeakEwma, endpoints, null, _random);
        endpoints[0].Stats.Failed(_time.GetTimestamp());

        Assert.All(Enumerable.Range(0, 100), _ => Assert.Same(endpoints[1], balancer.Pick(new PickContext(_time.GetTimestamp()))));
    }

    [Fact]
    public void Least_request_takes_the_idle_one()
    {
        var endpoints = Endpoints(1, 1);
        endpoints[0].Stats.Begin();
        var balancer = Balancer.Create(LoadBalancerType.LeastRequest, endpoints, null, _random);

        Assert.All(Enumerable.Range(0, 100), _ => Assert.Same(endpoints[1], balancer.Pick(new PickContext(_time.GetTimestamp()))));
    }

    [Fact]
    public void Round_robin_takes_turns()
    {
        var endpoints = Endpoints(2, 2, 2);
        var balancer = Balancer.Create(LoadBalancerType.RoundRobin, endpoints, null, _random);

        var picks = Enumerable.Range(0, 9).Select(_ => balancer.Pick(new PickContext(0))).ToArray();

        Assert.Equal(3, picks.Take(3).Distinct().Count());
        Assert.Equal(picks.Take(3), picks.Skip(3).Take(3));
        Assert.Equal(picks.Take(3), picks.Skip(6).Take(3));
    }

    [Theory]
    [InlineData(LoadBalancerType.PeakEwma)]
    [InlineData(LoadBalancerType.LeastRequest)]
    [InlineData(LoadBalancerType.RoundRobin)]
    [InlineData(LoadBalancerType.Random)]
    public void Every_balancer_honours_weights(LoadBalancerType type)
    {
        var endpoints = Endpoints(6, 3, 1);
        var balancer = Balancer.Create(type, endpoints, null, _random);

        var counts = Simulate(balancer, endpoints, requests: 20_000, latency: _ => 5);

        Assert.InRange(counts[0], 10_000, 14_000);
        Assert.InRange(counts[1], 4_500, 8_000);
        Assert.InRange(counts[2], 1_000, 3_000);
    }

    [Theory]
    [InlineData(LoadBalancerType.PeakEwma)]
    [InlineData(LoadBalancerType.LeastRequest)]
    [InlineData(LoadBalancerType.RoundRobin)]
    [InlineData(LoadBalancerType.Random)]
    public void The_only_endpoint_gets_everything(LoadBalancerType type)
    {
        var endpoints = Endpoints(7);

        Assert.Same(endpoints[0], Balancer.Create(type, endpoints, null, _random).Pick(new PickContext(0)));
    }

    /// <summary>A request starts every millisecond and takes what the endpoint takes.</summary>
    private int[] Simulate(Balancer balancer, UpstreamEndpoint[] endpoints, int requests, Func<int, int> latency)
    {
        var counts = new int[endpoints.Length];
        var running = new PriorityQueue<(int Index, long Started), long>();
        for (var tick = 0; tick < requests; tick++)
        {
            Finish(upTo: tick);
            var index = Array.IndexOf(endpoints, balancer.Pick(new PickContext(_time.GetTimestamp())));
            counts[index]++;
            endpoints[index].Stats.Begin();
            running.Enqueue((index, _time.GetTimestamp()), tick + latency(index));
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Finish(upTo: int.MaxValue);
        return counts;

        void Finish(long upTo)
        {
            while (running.TryPeek(out var done, out var at) && at <= upTo)
            {
                running.Dequeue();
                endpoints[done.Index].Stats.Answered(200, done.Started);
                endpoints[done.Index].Stats.End();
            }
        }
    }

    private UpstreamEndpoint[] Endpoints(params int[] weights) => [.. weights.Select((weight, i) =>
        new UpstreamEndpoint(At(8080 + i, $"e{i}", weight), ServiceProtocol.Http, new EndpointStats(_time)))];
}
