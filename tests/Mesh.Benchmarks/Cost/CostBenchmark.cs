using System.Globalization;
using Mesh.Benchmarks.Measuring;
using Mesh.Processes;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.Benchmarks.Cost;

/// <summary>
/// CPU per forwarded request of our proxy, nginx and HAProxy: one upstream, one load generator, rounds interleaved so
/// that a busy moment of the machine hits all alike.
/// </summary>
internal static class CostBenchmark
{
    private const int Rounds = 7;
    private const string Host = $"echo.{Fixtures.Namespace}";
    private const string AllHost = $"all.{Fixtures.Namespace}";
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(3);

    /// <summary>Long enough for the just-in-time compiler to have optimised the hot path.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(8);

    public static async Task Run()
    {
        Report.Title("Cost: CPU per forwarded request, wrk -t2 -c64");
        if (Missing() is { } missing)
        {
            Report.Skip(missing);
            return;
        }

        using var directory = new TemporaryDirectory();
        var upstreamPort = FreePort.Next();
        var nginxPort = FreePort.Next();
        var haProxyPort = FreePort.Next();
        await using var upstream = await ReferenceProxies.StartUpstream(directory.Path, upstreamPort);
        await using var nginx = await ReferenceProxies.StartNginxProxy(directory.Path, nginxPort, upstreamPort);
        await using var haProxy = await ReferenceProxies.StartHaProxy(directory.Path, haProxyPort, upstreamPort);
        await using var silo = await SiloProcess.Ready();
        await using var proxy = await ProxyProcess.Ready(new ProxySettings { ControlPlane = silo.Url });
        await Fixtures.PutService(silo, "echo", upstreamPort);
        await EverythingOn.Put(silo, "all", upstreamPort);
        await Fixtures.CallsSucceed(proxy, Host);
        await Fixtures.CallsSucceed(proxy, AllHost);

        Contender[] contenders =
        [
            Of(nginx, nginxPort),
            Of(haProxy, haProxyPort),
            new("mesh proxy", proxy.Process.Id, proxy.Outbound.BaseAddress!, Host),
            new("  everything on", proxy.Process.Id, proxy.Outbound.BaseAddress!, AllHost),
        ];
        foreach (var contender in contenders)
        {
            await Wrk.Run(contender.Address, contender.Host, WarmUp);
        }

        for (var round = 0; round < Rounds; round++)
        {
            foreach (var contender in contenders)
            {
                await Measure(contender);
            }
        }

        Print(contenders);
    }

    private static string? Missing() =>
        ((string[])["wrk", "nginx", "haproxy"]).Where(program => Tool.Find(program) is null).ToArray() is { Length: > 0 } missing
            ? $"{string.Join(", ", missing)} not found; apt-get install {string.Join(' ', missing)}"
            : null;

    private static Contender Of(ManagedProcess process, int port) =>
        new(process.Name, process.Id, new Uri($"http://127.0.0.1:{port}"), Host);

    private static async Task Measure(Contender contender)
    {
        var before = ProcFs.CpuSeconds(contender.ProcessId);
        var result = await Wrk.Run(contender.Address, contender.Host, Round);
        var used = ProcFs.CpuSeconds(contender.ProcessId) - before;
        contender.MicrosecondsPerRequest.Add(used * 1_000_000 / result.Requests);
        contender.RequestsPerSecond.Add(result.RequestsPerSecond);
        contender.Latencies.Add(result.Latency99);
        contender.Failures += result.Failures;
    }

    private static void Print(Contender[] contenders)
    {
        var nginx = Percentiles.Median(contenders[0].MicrosecondsPerRequest);
        List<string[]> rows = [["", "CPU per request (median)", "min-max", "to nginx", "requests/s", "p99", "failed"]];
        foreach (var contender in contenders)
        {
            var cost = contender.MicrosecondsPerRequest;
            rows.Add(
            [
                contender.Name,
                Format($"{Percentiles.Median(cost):0.0} us"),
                Format($"{cost.Min():0.0}-{cost.Max():0.0}"),
                Format($"{Percentiles.Median(cost) / nginx:0.00}x"),
                Format($"{Percentiles.Median(contender.RequestsPerSecond):0}"),
                Format($"{Percentiles.Median(contender.Latencies):0.0} ms"),
                Format($"{contender.Failures}"),
            ]);
        }

        Report.Table([.. rows]);
    }

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
