using System.Globalization;
using Mesh.Benchmarks.Measuring;
using Mesh.Testing;

namespace Mesh.Benchmarks.Identity;

/// <summary>
/// What access rules cost a call, by the CPU of the proxy that enforces them: none, ten, and ten thousand that all but
/// one name other callers.
/// </summary>
internal static class AccessBenchmark
{
    private const int Rounds = 5;

    private static readonly TimeSpan Round = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(8);
    private static readonly int[] Numbers = [0, 10, 10_000];

    public static async Task Run()
    {
        Report.Title("Access rules: CPU of the proxy that enforces them per call, mutual TLS, 32 callers, keep-alive");
        await using var pair = await ProxyPair.Start();
        var costs = Numbers.ToDictionary(static number => number, static _ => new List<double>());
        for (var round = -1; round < Rounds; round++)
        {
            foreach (var number in Numbers)
            {
                await Switch(pair, number);
                var before = Cpu(pair);
                var calls = await pair.Call(round < 0 ? WarmUp : Round);
                if (round >= 0)
                {
                    costs[number].Add((Cpu(pair) - before) * 1_000_000 / calls);
                }
            }
        }

        var none = Percentiles.Median(costs[0]);
        List<string[]> rows = [["rules", "CPU per call (median)", "min-max", "to none"]];
        foreach (var number in Numbers)
        {
            var cost = costs[number];
            rows.Add(
            [
                Format($"{number}"),
                Format($"{Percentiles.Median(cost):0.0} us"),
                Format($"{cost.Min():0.0}-{cost.Max():0.0}"),
                Format($"{Percentiles.Median(cost) / none:0.00}x"),
            ]);
        }

        Report.Table([.. rows]);
    }

    /// <summary>Sets the rules and waits until they are in force.</summary>
    private static async Task Switch(ProxyPair pair, int number)
    {
        var rules = Enumerable.Range(1, Math.Max(0, number - 1)).Select(static other => Allow($"r{other}", $"{Fixtures.Namespace}/c{other}"));
        object spec = number == 0
            ? new { ports = Array.Empty<int>() }
            : new { access = new { rules = rules.Append(Allow("me", ProxyPair.Caller)) } };
        await Fixtures.Put(pair.Silo, $"/v1/services/{ProxyPair.Service}", spec);
        await Eventually.Holds($"{number} rules are in force", async () =>
        {
            var before = await Decisions(pair);
            using var answer = await pair.Calling.Call(ProxyPair.Host);
            answer.EnsureSuccessStatusCode();
            return await Decisions(pair) > before == (number > 0);
        });
    }

    private static object Allow(string name, string caller)
    {
        var (space, service) = (caller.Split('/')[0], caller.Split('/')[1]);
        return new { name, action = "allow", from = new { identities = new[] { $"spiffe://mesh.local/ns/{space}/svc/{service}" } } };
    }

    private static async Task<long> Decisions(ProxyPair pair)
    {
        const string name = "mesh_access_decisions_total{decision=\"allowed\"";
        var metrics = await pair.Called.Admin.GetStringAsync("/metrics");
        return metrics.Split('\n').Where(static line => line.StartsWith(name, StringComparison.Ordinal))
            .Sum(static line => long.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    private static double Cpu(ProxyPair pair) => ProcFs.CpuSeconds(pair.Called.Process.Id);

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
