using System.Net;
using System.Text.Json;
using Mesh.Processes;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.Contracts.Tests;

/// <summary>Proxies of one contract and silos of another.</summary>
public class ProxyUpgradeTests
{
    public static TheoryData<int> Contracts => ContractFolder.All;

    [Theory]
    [MemberData(nameof(Contracts))]
    public async Task A_proxy_serves_from_the_snapshots_of_the_program_before_without_a_control_plane(int contract)
    {
        using var data = new TemporaryDirectory();
        var recorded = Directory.GetFiles(ContractFolder.PathOf(contract, "snapshots"));
        Directory.CreateDirectory(Path.Combine(data.Path, "snapshots"));
        foreach (var file in recorded)
        {
            File.Copy(file, Path.Combine(data.Path, "snapshots", Path.GetFileName(file)));
        }

        await using var proxy = ProxyProcess.Launch(new ProxySettings { ControlPlane = new Uri($"http://127.0.0.1:{FreePort.Next()}"), DataDirectory = data.Path });
        await Eventually.Holds(
            "the proxy answers from a recorded rule",
            async () =>
            {
                using var answer = await proxy.Call("fixed.shop", "/tea");
                return answer.StatusCode == (HttpStatusCode)418 && await answer.Content.ReadAsStringAsync() == "recorded";
            },
            MeshProcess.StartDeadline);

        using var page = JsonDocument.Parse(await proxy.Admin.GetStringAsync("/snapshots"));
        var text = page.RootElement.GetRawText();
        Assert.Contains("10.0.0.7", text, StringComparison.Ordinal);
        Assert.DoesNotContain("rejected", text, StringComparison.Ordinal);
        Assert.DoesNotContain(proxy.Process.Output(), static line => line.Contains("Skipped the snapshot", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_proxy_of_the_recorded_contract_works_with_a_silo_of_today()
    {
        await using var silo = await SiloProcess.Ready();
        await Put(silo, "/v1/services/shop/web", """{ "traffic": { "rateLimit": { "requests": 100, "per": "1s" } } }""");
        await using var proxy = ManagedProcess.Start(ProcessSpec.DotNet(
            "old proxy", ContractFolder.FrozenProxy(ContractFolder.Newest), silo.Url.ToString(), "shop/web"));

        await Says(proxy, "resolved shop/web");
        await Says(proxy, "registered");
        await Says(proxy, "leased True");
        await Says(proxy, "renewed shop/web whole endpoints=contract-2");

        await Put(silo, "/v1/services/shop/web/endpoints/web-9", """{ "host": "10.0.0.9", "port": 80 }""");
        await Says(proxy, "pushed shop/web whole endpoints=contract-2,web-9");

        Assert.Contains("\"contract\":\"2\"", await silo.Api.GetStringAsync("/v1/services/shop/web/endpoints"), StringComparison.Ordinal);
        await Eventually.Holds("what it rejected is shown", async () =>
            (await silo.Api.GetStringAsync("/v1/proxies/contract-2")).Contains("a reason", StringComparison.Ordinal));
        Assert.Contains("asked for web.shop", await Explain(silo), StringComparison.Ordinal);
    }

    private static Task Says(ManagedProcess process, string line) => Eventually.Holds(
        $"the old proxy says '{line}'; it said {string.Join("; ", process.Output(5))}", () => process.Output().Contains(line), MeshProcess.StartDeadline);

    private static async Task<string> Explain(SiloProcess silo)
    {
        using var content = new StringContent("""{ "authority": "web.shop", "proxy": "contract-2" }""", System.Text.Encoding.UTF8, "application/json");
        using var answer = await silo.Api.PostAsync("/v1/explain", content);
        return await answer.Content.ReadAsStringAsync();
    }

    private static async Task Put(SiloProcess silo, string path, string body)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await silo.Api.PutAsync(path, content);
        answer.EnsureSuccessStatusCode();
    }
}
