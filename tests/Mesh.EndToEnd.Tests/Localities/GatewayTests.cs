using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests.Localities;

/// <summary>Instances of another region that are reached through its gateways only.</summary>
public sealed class GatewayTests
{
    /// <summary>The caller's proxy, the gateway, and the application's sidecar.</summary>
    private const string ThroughGateway = "us 3";

    [Fact]
    public async Task Calls_go_through_gateways_one_takes_over_from_the_other_and_a_restart_without_control_plane_changes_nothing()
    {
        await using var far = await PassedApplication.Start("us");
        await using var regions = await TwoRegions.Start(via: "Gateway");
        await regions.Us.Api.Write("/v1/services/shop/web", """
            { "routes": [{ "name": "all", "retry": { "attempts": 3, "codes": [502, 503] } }], "traffic": { "loadBalancer": { "type": "roundRobin" } } }
            """);
        await regions.Sidecar("us", far.Port);
        var here = await regions.Proxy("us");
        await here.Reaches("web.shop", "us 2", TwoRegions.Patience);
        var caller = await regions.Proxy("eu");

        // Without a gateway there is no way.
        await Eventually.Holds("the service is known", async () =>
        {
            using var answer = await caller.Call("web.shop");
            return answer.Headers.TryGetValues("mesh-error", out var codes) && codes.Single() == "no-endpoints";
        }, TwoRegions.Patience);

        var first = await regions.Gateway("us");
        await caller.Reaches("web.shop", ThroughGateway, TwoRegions.Patience);
        var second = await regions.Gateway("us");
        await TwoRegions.Levels(caller, ("us", "other"), ("us", "other"));
        await using (var calls = SteadyCalls.Through(caller, "web.shop"))
        {
            await Eventually.Holds("both gateways forward", async () => await Forwards(first) && await Forwards(second), TwoRegions.Patience);
            await first.Kill();
            var before = calls.Answers;
            await Eventually.Holds("calls go on", () => calls.Answers > before + 200);
            Assert.Equal(ThroughGateway, await caller.Body("web.shop"));
            Assert.Empty(calls.Failures);
        }

        await Eventually.Holds("it is on disk", () => File.Exists(Path.Combine(caller.DataDirectory, "regions"))
            && Directory.GetFiles(Path.Combine(caller.DataDirectory, "snapshots"), "*.snapshot").Length >= 2);
        await regions.Eu.Kill();
        await caller.Kill();
        await caller.Start();
        await caller.WaitReady();

        Assert.Equal(ThroughGateway, await caller.Body("web.shop"));
    }

    private static async Task<bool> Forwards(ProxyProcess gateway) =>
        (await gateway.Admin.GetStringAsync("/metrics")).Contains("mesh_inbound_requests_total{outcome=\"2xx\"}", StringComparison.Ordinal);
}
