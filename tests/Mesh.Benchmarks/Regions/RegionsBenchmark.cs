using Mesh.Benchmarks.Measuring;
using Mesh.Benchmarks.Push;
using Mesh.Testing.Processes;

namespace Mesh.Benchmarks.Regions;

/// <summary>What regions do to each other, and what many services cost a silo.</summary>
internal static class RegionsBenchmark
{
    public static async Task Run()
    {
        await Lag();
        await CatchUp.Run();
        await ManyStored.Run();
    }

    private static async Task Lag()
    {
        Report.Title("Regions: PUT answered in one -> a proxy of the other uses the new route");
        var (west, east) = await BenchRegion.StartTwo();
        await using var first = west;
        await using var second = east;
        await using var proxy = await ProxyProcess.Ready(new ProxySettings { ControlPlane = east.Silo.Url });
        await RouteChanges.Measure(west.Silo, proxy);
    }
}
