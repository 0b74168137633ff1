using Mesh.Benchmarks.Measuring;
using Mesh.Benchmarks.Push;
using Mesh.Testing.Processes;

namespace Mesh.Benchmarks.Regions;

/// <summary>Two regions of one silo each, and a proxy of the one in which nothing is written; see <see cref="RouteChanges"/>.</summary>
internal static class RegionLag
{
    public static async Task Run()
    {
        Report.Title("Regions: PUT answered in one -> a proxy of the other uses the new route");
        var (west, east) = await BenchRegion.StartTwo();
        await using var first = west;
        await using var second = east;
        await using var proxy = await ProxyProcess.Ready(new ProxySettings { ControlPlane = east.Silo.Url });
        await RouteChanges.Measure(west.Silo, proxy);
    }
}
