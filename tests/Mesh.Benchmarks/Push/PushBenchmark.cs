using Mesh.Benchmarks.Measuring;
using Mesh.Testing.Processes;

namespace Mesh.Benchmarks.Push;

/// <summary>One silo with its embedded store, one proxy, all on loopback; see <see cref="RouteChanges"/>.</summary>
internal static class PushBenchmark
{
    public static async Task Run()
    {
        Report.Title("Push: PUT answered -> the proxy uses the new route");
        await using var silo = await SiloProcess.Ready();
        await using var proxy = await ProxyProcess.Ready(new ProxySettings { ControlPlane = silo.Url });
        await RouteChanges.Measure(silo, proxy);
    }
}
