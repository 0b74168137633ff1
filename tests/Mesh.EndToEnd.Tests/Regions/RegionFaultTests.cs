using System.Text.Json;
using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Regions;

/// <summary>What callers and administrators see of two regions of which something is wrong between them.</summary>
public sealed class RegionFaultTests
{
    [Theory]
    [InlineData(nameof(RelayMode.Refusing))]
    [InlineData(nameof(RelayMode.Hanging))]
    public async Task Regions_that_are_cut_off_from_each_other_take_writes_and_end_up_equal(string mode)
    {
        await using var fleet = await RegionFleet.Start(static logs => [new("east", 1, logs), new("west", 1, logs)]);
        var (east, west) = (fleet.Regions[0], fleet.Regions[1]);
        await fleet.AllFollow();
        await using var calls = RegionCalls.Start(east, new WriteLedger(isOrderedAcrossRegions: true));

        east.Links["west"].Set(Enum.Parse<RelayMode>(mode));
        west.Links["east"].Set(Enum.Parse<RelayMode>(mode));
        await Eventually.Holds("both regions say so", async () => await IsUnreachable(east) && await IsUnreachable(west), TimeSpan.FromSeconds(30));
        var metrics = await MetricsPage.Read(east.Silos[0].Api);
        Assert.Equal(0, metrics.Sum("mesh_region_connected", "region=\"west\""));

        // Different parts of one service, and the same part of another.
        await PutRule(east, "chaos/a", "one", "from-east");
        await PutRule(west, "chaos/a", "two", "from-west");
        await PutRule(east, "chaos/b", "one", "first");
        await PutRule(west, "chaos/b", "one", "second");
        east.Links["west"].Set(RelayMode.Forwarding);
        west.Links["east"].Set(RelayMode.Forwarding);

        await fleet.AllFollow();
        foreach (var region in fleet.Regions)
        {
            await Eventually.Holds($"region {region.Name} has both regions' edits", async () =>
                await Has(region, "chaos/a", "from-east") && await Has(region, "chaos/a", "from-west") && await Has(region, "chaos/b", "second"));
        }

        var revisions = await east.Silos[0].Api.GetStringAsync(ChaosServices.Path("chaos/b") + "/revisions");
        Assert.Contains("\"first\"", revisions, StringComparison.Ordinal);
        Assert.Empty(await Audit.AreEqual(fleet));
        Assert.Empty(calls.Failures);
    }

    [Fact]
    public async Task A_clock_that_is_hours_ahead_is_told_and_later_edits_hold_all_the_same()
    {
        if (!FakeClock.IsAvailable)
        {
            Assert.Skip("libfaketime is not installed; on Debian and Ubuntu: apt-get install faketime");
        }

        await using var fleet = await RegionFleet.Start(static logs => [new("east", 1, logs), new("west", 1, logs, ClockOffset: "+3h")]);
        var (east, west) = (fleet.Regions[0], fleet.Regions[1]);
        await fleet.AllFollow();

        await PutRule(west, "chaos/a", "one", "of-the-clock-ahead");
        await Eventually.Holds("the edit arrives", () => Has(east, "chaos/a", "of-the-clock-ahead"));
        await PutRule(east, "chaos/a", "one", "made-later");

        await Eventually.Holds("the later edit holds in the region whose clock is ahead", () => Has(west, "chaos/a", "made-later"));
        await Eventually.Holds("the link tells the skew", async () =>
            (await RegionFleet.Links(east))[0].TryGetProperty("clockSkewSeconds", out var skew) && skew.ValueKind == JsonValueKind.Number && skew.GetDouble() is > 10_000 and < 11_000);
        Assert.True(await Has(east, "chaos/a", "made-later"));
        Assert.Empty(await Audit.AreEqual(fleet));
    }

    private static Task PutRule(RegionCluster region, string service, string rule, string value) =>
        region.Silos[0].Api.Write($"{ChaosServices.Path(service)}/routes/{rule}", ChaosServices.RuleJson(service, rule, value));

    private static async Task<bool> Has(RegionCluster region, string service, string value) =>
        (await region.Silos[0].Api.GetStringAsync(ChaosServices.Path(service))).Contains($"\"{value}\"", StringComparison.Ordinal);

    private static async Task<bool> IsUnreachable(RegionCluster region) =>
        (await RegionFleet.Links(region)).All(static link =>
            link.GetProperty("state").GetString() == "Unreachable" && link.GetProperty("lastError").GetString()!.Length > 0);
}
