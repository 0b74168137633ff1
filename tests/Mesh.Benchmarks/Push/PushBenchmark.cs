using Mesh.Benchmarks.Identity;
using Mesh.Benchmarks.Measuring;
using Mesh.Testing.Processes;

namespace Mesh.Benchmarks.Push;

/// <summary>
/// One silo with its embedded store, one proxy, all on loopback; see <see cref="RouteChanges"/>. In turn in plaintext, and with
/// the silo's ports by mutual TLS only and its grains' calls proved.
/// </summary>
internal static class PushBenchmark
{
    private const int Rounds = 2;

    public static async Task Run()
    {
        for (var round = 0; round < Rounds; round++)
        {
            await Run("in plaintext", new SiloSettings(), static _ => Task.FromResult(new Dictionary<string, string>()));
            await Run(
                "with Mesh:Silo:Tls:Mode=Required",
                new SiloSettings { More = new Dictionary<string, string> { ["Mesh:Silo:Tls:Mode"] = "Required" } },
                static async silo => new Dictionary<string, string>
                {
                    ["Mesh:Identity:Token"] = await ProxyPair.Token(silo, $"{Fixtures.Namespace}/caller"),
                    ["Mesh:Identity:Directory"] = "",
                    ["Mesh:Namespace"] = Fixtures.Namespace,
                    ["Mesh:Identity:RequireTls"] = "true",
                });
        }
    }

    private static async Task Run(string how, SiloSettings settings, Func<SiloProcess, Task<Dictionary<string, string>>> identity)
    {
        Report.Title($"Push, {how}: PUT answered -> the proxy uses the new route");
        await using var silo = await SiloProcess.Ready(settings);
        await using var proxy = await ProxyProcess.Ready(new ProxySettings { ControlPlane = silo.Url, More = await identity(silo) });
        await RouteChanges.Measure(silo, proxy);
    }
}
