using System.Diagnostics;
using System.Globalization;
using Mesh.Benchmarks.Measuring;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.Benchmarks.Regions;

/// <summary>
/// Ten thousand services with ten endpoints each in Redis: the time from the start of a silo until a proxy that waits for
/// it, and knows nothing, has a request answered; and what the services cost in memory, while nobody uses them and after
/// each was used once. Heap is what survives a full collection.
/// </summary>
internal static class ManyStored
{
    private const int Starts = 5;
    private const int Readers = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static async Task Run()
    {
        Report.Title($"{ManyServices.Count} services with 10 endpoints each");
        await using var upstream = await Upstream.Start("hello");
        await using var region = await BenchRegion.Start("west", await RedisServer.Start());
        var empty = await Memory(region.Silo);
        await ManyServices.Write(region.Silo, round: 0, Endpoints(upstream.Port));
        await Start(region.Silo, upstream.Port);
        var idle = await Memory(region.Silo);
        await ReadAll(region.Silo);
        var active = await Memory(region.Silo);
        Report.Table(
            ["", "heap", "resident", "heap per service"],
            ["silo, nothing stored", Report.Megabytes(empty.Heap), Report.Megabytes(empty.Resident), ""],
            ["all in the catalog, none in use", Report.Megabytes(idle.Heap), Report.Megabytes(idle.Resident), PerService(idle.Heap - empty.Heap)],
            ["all used once, now idle", Report.Megabytes(active.Heap), Report.Megabytes(active.Resident), PerService(active.Heap - idle.Heap)]);
        Console.WriteLine();
    }

    private static async Task Start(SiloProcess silo, int port)
    {
        var ready = new List<double>();
        var served = new List<double>();
        for (var start = 0; start < Starts; start++)
        {
            await silo.Kill();
            await using var proxy = ProxyProcess.Launch(new ProxySettings { ControlPlane = silo.Url });
            await Eventually.Holds("the proxy listens", async () => (await proxy.Admin.GetAsync("/healthz")).IsSuccessStatusCode, Patience);
            var started = Stopwatch.GetTimestamp();
            await silo.Start();
            var isReady = SecondsUntilReady(silo, started);
            await Fixtures.CallsSucceed(proxy, $"{ManyServices.NameOf(start)}.{ManyServices.Namespace}", Patience);
            served.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
            ready.Add(await isReady);
        }

        Report.Table(
            ["starts", "first request answered (median)", "slowest", "silo ready (median)"],
            [$"{Starts}", Report.Seconds(Percentiles.Median(served)), Report.Seconds(served.Max()), Report.Seconds(Percentiles.Median(ready))]);
        Console.WriteLine();
    }

    private static async Task<double> SecondsUntilReady(SiloProcess silo, long started)
    {
        await silo.WaitReady();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static Dictionary<string, object> Endpoints(int port) => Enumerable.Range(0, 10).ToDictionary(
        static number => $"endpoint-{number}",
        number => (object)new { host = "127.0.0.1", port, zone = "a", labels = new Dictionary<string, string> { ["version"] = "1" } });

    /// <summary>Activates every grain.</summary>
    private static Task ReadAll(SiloProcess silo) => Parallel.ForEachAsync(
        Enumerable.Range(0, ManyServices.Count),
        new ParallelOptions { MaxDegreeOfParallelism = Readers },
        async (number, cancellation) =>
        {
            using var answer = await silo.Api.GetAsync($"/v1/services/{ManyServices.Namespace}/{ManyServices.NameOf(number)}", cancellation);
            answer.EnsureSuccessStatusCode();
        });

    private static async Task<(double Heap, double Resident)> Memory(SiloProcess silo) =>
        (await SiloHeap.AfterFullCollection(silo), ProcFs.ResidentMegabytes(silo.Process.Id));

    private static string PerService(double megabytes) =>
        string.Create(CultureInfo.InvariantCulture, $"{megabytes * 1024 / ManyServices.Count:0.0} KB");
}
