using System.Diagnostics;
using Mesh.Benchmarks.Measuring;
using Mesh.Testing.Processes;

namespace Mesh.Benchmarks.Push;

/// <summary>
/// A service whose one rule is switched between two upstreams, and the time from each answered <c>PUT</c> until a request
/// through a proxy goes the new way. Requests are sent one after another, so a figure includes the time of the request
/// that went the new way.
/// </summary>
internal static class RouteChanges
{
    private const int WarmUp = 50;
    private const int Changes = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <param name="silo">Where the rule is changed.</param>
    /// <param name="proxy">Where the change is waited for.</param>
    public static async Task Measure(SiloProcess silo, ProxyProcess proxy)
    {
        await using var left = await Upstream.Start("left");
        await using var right = await Upstream.Start("right");
        await Fixtures.PutService(silo, "left", left.Port);
        await Fixtures.PutService(silo, "right", right.Port);
        await Fixtures.Put(silo, $"/v1/services/{Fixtures.Namespace}/web", new { protocol = "http" });
        await Direct(silo, "left");
        await Fixtures.CallsSucceed(proxy, $"web.{Fixtures.Namespace}");

        var delays = new List<double>(Changes);
        var requests = 0;
        for (var change = 0; change < WarmUp + Changes; change++)
        {
            var target = change % 2 == 0 ? "right" : "left";
            await Direct(silo, target);
            var answered = Stopwatch.GetTimestamp();
            while (await Ask(proxy) != target)
            {
                requests++;
                if (Stopwatch.GetElapsedTime(answered) > Patience)
                {
                    throw new TimeoutException($"change {change} did not reach the proxy within {Patience.TotalSeconds:0} s");
                }
            }

            if (change >= WarmUp)
            {
                delays.Add(Stopwatch.GetElapsedTime(answered).TotalMilliseconds);
            }
        }

        Report.Table(
            ["changes", "p50", "p90", "p99", "max", "requests that went the old way"],
            [
                $"{Changes}", Milliseconds(delays, 50), Milliseconds(delays, 90), Milliseconds(delays, 99), Milliseconds(delays, 100),
                $"{requests}",
            ]);
    }

    private static Task Direct(SiloProcess silo, string target) => Fixtures.Put(
        silo,
        $"/v1/services/{Fixtures.Namespace}/web/routes/all",
        new { name = "all", backendRefs = new[] { new { name = target } } });

    private static async Task<string> Ask(ProxyProcess proxy)
    {
        using var answer = await proxy.Call($"web.{Fixtures.Namespace}");
        var body = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? body : throw new HttpRequestException($"{(int)answer.StatusCode} {body}");
    }

    private static string Milliseconds(List<double> delays, double percent) => Report.Milliseconds(Percentiles.Of(delays, percent));
}
