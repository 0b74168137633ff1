using Mesh.Proxy.Balancing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Proxy.Tests.Balancing.Simulation;

/// <summary>
/// Sends requests to the endpoints of a pool in simulated time, one event after the other. Requests come at random
/// (Poisson), each takes what the test says, whatever else its endpoint does. The same seed gives the same run.
/// </summary>
internal sealed class Simulator(FakeTimeProvider time, int seed = 11)
{
    private readonly Random _random = new(seed);

    /// <param name="requestsPerSecond">On average.</param>
    /// <param name="latency">What a request takes, in milliseconds, given the position of its endpoint and a source of randomness.</param>
    public SimulationResult Run(EndpointPool pool, int requests, double requestsPerSecond, Func<int, Random, double> latency)
    {
        var positions = pool.All.Index().ToDictionary(static item => item.Item, static item => item.Index);
        var result = new SimulationResult(pool.All.Length, requests);
        var running = new PriorityQueue<(int Position, long Started), double>();
        var clock = 0.0;
        for (var request = 0; request < requests; request++)
        {
            var next = clock - (Math.Log(1 - _random.NextDouble()) * 1000 / requestsPerSecond);
            while (running.TryPeek(out var done, out var at) && at <= next)
            {
                running.Dequeue();
                Advance(at);
                pool.All[done.Position].Stats.Answered(200, done.Started);
                pool.All[done.Position].Stats.End();
            }

            Advance(next);
            var picked = pool.Pick(new PickContext(time.GetTimestamp(), (ulong)_random.NextInt64()), out _)!;
            var position = positions[picked];
            var takes = latency(position, _random);
            picked.Stats.Begin();
            running.Enqueue((position, time.GetTimestamp()), clock + takes);
            result.Record(request, position, takes);
            if (request > requests / 10)
            {
                result.Observe(pool.All);
            }
        }

        return result;

        void Advance(double to)
        {
            // The clock's grain is finer than anything that is measured.
            time.Advance(TimeSpan.FromMilliseconds(to) - TimeSpan.FromMilliseconds(clock));
            clock = to;
        }
    }
}
