using System.Collections.Concurrent;
using System.Diagnostics;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests.Faults;

/// <summary>
/// Breaks endpoints and mends them again, in an order that follows from a seed. There are two hands, each with endpoints of
/// its own, and a hand breaks one at a time, the next one only when everybody who may have met the last is served. So no
/// request ever meets more than two broken endpoints.
/// </summary>
/// <param name="caller">The proxy beside the callers.</param>
/// <param name="authority">What they ask for. Each fault goes on until one of their requests has met it, and it has led to an ejection.</param>
/// <param name="services">The services, as <c>namespace/name</c>, to which their requests are sent. One of them has to take endpoints in turns.</param>
/// <param name="settled">Completes when the requests are over that are on their way when it is called.</param>
internal sealed class FaultScript(ProxyProcess caller, string authority, IReadOnlyList<string> services, Func<Task> settled, int seed)
{
    /// <summary>Of a fault that nobody meets.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly ConcurrentQueue<string> _log = new();
    private readonly ConcurrentDictionary<(IFaultyEndpoint Endpoint, Fault Fault), int> _played = new();

    /// <summary>What happened when, for people.</summary>
    public string Log => string.Join(Environment.NewLine, _log);

    /// <summary>How often each fault was played to its end.</summary>
    public IReadOnlyDictionary<(IFaultyEndpoint Endpoint, Fault Fault), int> Played => _played;

    /// <summary>Goes on for <paramref name="length"/>, and until every endpoint was broken and every fault was played. All are mended when it ends.</summary>
    public Task Run(IReadOnlyList<IFaultyEndpoint> endpoints, TimeSpan length) => Task.WhenAll(
        endpoints.Chunk((endpoints.Count + 1) / 2).Select((own, hand) => Play(own, new Random(seed + hand), length)));

    private async Task Play(IFaultyEndpoint[] endpoints, Random random, TimeSpan length)
    {
        var started = _clock.Elapsed;
        for (var isComplete = false; ; isComplete = true)
        {
            foreach (var (endpoint, fault) in Round(endpoints, random))
            {
                if (isComplete && _clock.Elapsed - started >= length)
                {
                    return;
                }

                await Play(endpoint, fault, random);
            }
        }
    }

    /// <summary>Every fault once, and every endpoint at least once.</summary>
    private static List<(IFaultyEndpoint Endpoint, Fault Fault)> Round(IFaultyEndpoint[] endpoints, Random random)
    {
        var round = new List<(IFaultyEndpoint Endpoint, Fault Fault)>();
        var turn = random.Next(endpoints.Length);
        foreach (var fault in endpoints.SelectMany(static endpoint => endpoint.Faults).Distinct())
        {
            // In turns, so that no endpoint is left out.
            var able = endpoints.Where(endpoint => endpoint.Faults.Contains(fault)).ToArray();
            round.Add((able[turn++ % able.Length], fault));
        }

        var shuffled = round.ToArray();
        random.Shuffle(shuffled);
        return [.. shuffled];
    }

    private async Task Play(IFaultyEndpoint endpoint, Fault fault, Random random)
    {
        var before = await Traces(endpoint, fault);
        var started = Note($"{endpoint.Name} is {fault}");
        try
        {
            await endpoint.Break(fault);
            await Pause(random.Next(500, 1200));
            await Eventually.Holds(
                $"the fault '{started}' is met, and leads to an ejection",
                async () =>
                {
                    var now = await Traces(endpoint, fault);
                    return now.Requests > before.Requests && (now.Ejections > before.Ejections || fault == Fault.Slow);
                },
                Deadline);
        }
        finally
        {
            await endpoint.Mend();
            Note($"{endpoint.Name} is mended");
        }

        _played.AddOrUpdate((endpoint, fault), 1, static (_, count) => count + 1);
        await settled();
    }

    /// <summary>How many requests met the fault: those that the application got, or where it gets none, those that failed. And how often the endpoint was ejected.</summary>
    private async Task<(long Requests, long Ejections)> Traces(IFaultyEndpoint endpoint, Fault fault)
    {
        var readings = (await EndpointReading.ReadAll(caller))
            .Where(reading => reading.Port == endpoint.Port && services.Contains(reading.Service))
            .ToArray();
        var requests = fault is Fault.Dead or Fault.Killed or Fault.Frozen
            ? readings.Sum(static reading => reading.Failures)
            : endpoint.Application.CountOf(fault, authority);
        return (requests, readings.Sum(static reading => reading.Ejections));
    }

    private string Note(string text)
    {
        var line = $"{_clock.Elapsed.TotalSeconds:0.000} s: {text}";
        _log.Enqueue(line);
        return line;
    }

    /// <summary>The script's pace; what it waits for, it asks about.</summary>
    private static Task Pause(int milliseconds) => Task.Delay(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System);
}
