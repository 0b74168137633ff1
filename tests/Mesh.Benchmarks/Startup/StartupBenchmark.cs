using System.Diagnostics;
using Mesh.Benchmarks.Measuring;
using Mesh.Testing.Processes;

namespace Mesh.Benchmarks.Startup;

/// <summary>Time from the start of a process until <c>/readyz</c> answers 200, and resident memory.</summary>
internal static class StartupBenchmark
{
    private const int Rounds = 5;
    private const int Calls = 10_000;
    private const int Callers = 16;

    public static async Task Run()
    {
        Report.Title("Start and memory");
        var siloStarts = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            siloStarts.Add(await SecondsUntilReady(() => SiloProcess.Launch()));
        }

        await using var silo = await SiloProcess.Ready();
        var proxyStarts = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            proxyStarts.Add(await SecondsUntilReady(() => ProxyProcess.Launch(new ProxySettings { ControlPlane = silo.Url })));
        }

        await using var upstream = await Upstream.Start("hello");
        await Fixtures.PutService(silo, "hello", upstream.Port);
        await using var proxy = await ProxyProcess.Ready(new ProxySettings { ControlPlane = silo.Url });
        await Fixtures.CallsSucceed(proxy, $"hello.{Fixtures.Namespace}");
        var atReady = ProcFs.ResidentMegabytes(proxy.Process.Id);
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Call(proxy, Calls / Callers)));

        Report.Table(
            ["", "ready (median of 5)", "slowest", "memory at ready", $"after {Calls} calls"],
            ["silo", Report.Seconds(Percentiles.Median(siloStarts)), Report.Seconds(siloStarts.Max()), "", Report.Megabytes(ProcFs.ResidentMegabytes(silo.Process.Id))],
            ["proxy", Report.Seconds(Percentiles.Median(proxyStarts)), Report.Seconds(proxyStarts.Max()), Report.Megabytes(atReady), Report.Megabytes(ProcFs.ResidentMegabytes(proxy.Process.Id))]);
    }

    private static async Task<double> SecondsUntilReady(Func<MeshProcess> launch)
    {
        var started = Stopwatch.GetTimestamp();
        await using var process = launch();
        await process.WaitReady();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task Call(ProxyProcess proxy, int count)
    {
        for (var call = 0; call < count; call++)
        {
            using var answer = await proxy.Call($"hello.{Fixtures.Namespace}");
            answer.EnsureSuccessStatusCode();
        }
    }
}
