using System.Diagnostics;
using Mesh.Benchmarks.Measuring;

namespace Mesh.Benchmarks.Regions;

/// <summary>
/// A region whose silo was killed while every service changed in the other: the time from its silo's new start until both
/// regions hold the same, and the CPU that took.
/// </summary>
internal static class CatchUp
{
    private const int Rounds = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static async Task Run()
    {
        Report.Title($"Catching up: a region returns after {ManyServices.Count} services changed in the other");
        var (west, east) = await BenchRegion.StartTwo();
        await using var first = west;
        await using var second = east;
        var rows = new List<string[]> { new[] { "", "silo ready", "then equal after", "CPU of its silo", "CPU of the other silo" } };
        for (var round = 0; round <= Rounds; round++)
        {
            if (round > 0)
            {
                await east.Silo.Kill();
            }

            await ManyServices.Write(west.Silo, round);
            var started = Stopwatch.GetTimestamp();
            var ready = TimeSpan.Zero;
            var before = ProcFs.CpuSeconds(west.Silo.Process.Id);
            if (round > 0)
            {
                await east.Silo.Start();
                await east.Silo.WaitReady();
                ready = Stopwatch.GetElapsedTime(started);
            }

            await AreEqual(west, east);
            var whole = Stopwatch.GetElapsedTime(started);
            if (round > 0)
            {
                rows.Add(
                [
                    $"round {round}", Report.Seconds(ready.TotalSeconds), Report.Seconds((whole - ready).TotalSeconds),
                    Report.Seconds(ProcFs.CpuSeconds(east.Silo.Process.Id)), Report.Seconds(ProcFs.CpuSeconds(west.Silo.Process.Id) - before),
                ]);
            }
        }

        Report.Table(rows);
    }

    private static async Task AreEqual(BenchRegion west, BenchRegion east)
    {
        var started = Stopwatch.GetTimestamp();
        while (await west.Digests() != await east.Digests())
        {
            if (Stopwatch.GetElapsedTime(started) > Patience)
            {
                throw new TimeoutException($"the regions did not become equal within {Patience.TotalSeconds:0} s: {await east.Silo.Api.GetStringAsync("/v1/regions")}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }
}
