using System.Globalization;
using Mesh.Abstractions.Identity;
using Mesh.Abstractions.Json;
using Mesh.Benchmarks.Measuring;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.Benchmarks.Identity;

/// <summary>
/// What mutual TLS between two proxies costs over plaintext, by the CPU of both; the same two processes, in rounds that
/// alternate; each round is compared with its neighbour, since other work on the machine changes what both cost. And how many
/// certificates a silo issues.
/// </summary>
internal static class MutualTlsBenchmark
{
    private const int Rounds = 11;

    private static readonly TimeSpan Round = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(8);
    private static readonly TimeProvider Time = TimeProvider.System;

    public static async Task Run()
    {
        Report.Title("Mutual TLS between two proxies: CPU of both per call, 32 callers, keep-alive");
        await using var pair = await ProxyPair.Start();
        var costs = new Dictionary<string, List<double>> { ["Off"] = [], ["Permissive"] = [] };
        var rates = new Dictionary<string, List<double>> { ["Off"] = [], ["Permissive"] = [] };
        for (var round = -1; round < Rounds; round++)
        {
            foreach (var mode in costs.Keys)
            {
                await Switch(pair, mode);
                var before = pair.Cpu;
                var length = round < 0 ? WarmUp : Round;
                var calls = await pair.Call(length);
                if (round >= 0)
                {
                    costs[mode].Add((pair.Cpu - before) * 1_000_000 / calls);
                    rates[mode].Add(calls / length.TotalSeconds);
                }
            }
        }

        List<string[]> rows = [["", "CPU per call (median)", "min-max", "to plaintext", "calls/s"]];
        foreach (var (mode, name) in new[] { ("Off", "plaintext, HTTP/1.1"), ("Permissive", "mutual TLS, HTTP/2") })
        {
            var cost = costs[mode];
            rows.Add(
            [
                name,
                Format($"{Percentiles.Median(cost):0.0} us"),
                Format($"{cost.Min():0.0}-{cost.Max():0.0}"),
                Format($"{Percentiles.Median([.. cost.Zip(costs["Off"], static (one, plain) => one / plain)]):0.00}x (at most 1.35x)"),
                Format($"{Percentiles.Median(rates[mode]):0}"),
            ]);
        }

        Report.Table([.. rows]);
        await IssueCertificates(pair.Silo);
    }

    /// <summary>Sets the mode and waits until calls go that way.</summary>
    private static async Task Switch(ProxyPair pair, string mode)
    {
        await Fixtures.Put(pair.Silo, $"/v1/services/{ProxyPair.Service}", new { mtls = mode });
        await Eventually.Holds($"calls are {mode}", async () =>
        {
            var before = await Plaintext(pair.Called);
            using var answer = await pair.Calling.Call(ProxyPair.Host);
            answer.EnsureSuccessStatusCode();
            return await Plaintext(pair.Called) > before == (mode == "Off");
        });
    }

    private static async Task<long> Plaintext(ProxyProcess sidecar)
    {
        const string name = "mesh_inbound_plaintext_requests_total{";
        var metrics = await sidecar.Admin.GetStringAsync("/metrics");
        return metrics.Split('\n').Where(static line => line.StartsWith(name, StringComparison.Ordinal))
            .Sum(static line => long.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    /// <summary>Asks with one key and one token: everything but the token's use is done anew each time.</summary>
    private static async Task IssueCertificates(SiloProcess silo)
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var body = MeshJson.Encode(new CertificateAsk { Csr = SigningRequest.Create(key), Token = await ProxyPair.Token(silo, ProxyPair.Service) });
        var (issued, refused) = (0, 0);
        var before = ProcFs.CpuSeconds(silo.Process.Id);
        var started = Time.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            while (Time.GetElapsedTime(started) < TimeSpan.FromSeconds(10))
            {
                using var content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
                using var answer = await silo.Api.PostAsync("/v1/identity/certificates", content);
                Interlocked.Increment(ref answer.IsSuccessStatusCode ? ref issued : ref refused);
                if (!answer.IsSuccessStatusCode)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(20), Time);
                }
            }
        })));
        var seconds = Time.GetElapsedTime(started).TotalSeconds;
        var cpu = (ProcFs.CpuSeconds(silo.Process.Id) - before) * 1000 / issued;
        Report.Table(
            ["certificates issued per second", "CPU of the silo for each", "refused by the silo's own limit (400/s)"],
            [Format($"{issued / seconds:0} (at least 200)"), Format($"{cpu:0.0} ms"), Format($"{refused}")]);
    }

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
