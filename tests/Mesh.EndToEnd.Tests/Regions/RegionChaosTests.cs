namespace Mesh.EndToEnd.Tests.Regions;

/// <summary>
/// Regions under load in which everything fails that may: two for a short run, three for one of a minute and more, one of
/// which has a clock that is three hours ahead. <c>MESH_E2E_SECONDS</c> makes it longer, <c>MESH_E2E_SEED</c> repeats the
/// faults and writes of one.
/// </summary>
[TestClass(DisableParallelization = true)]
public sealed class RegionChaosTests(ITestOutputHelper output)
{
    private const int WritersOfEach = 2;

    private static readonly TimeSpan Length = RunSettings.LengthOr(20);

    private static readonly IReadOnlyList<RegionFault> Faults = RunSettings.Faults.Count > 0
        ? [.. RunSettings.Faults.Select(Enum.Parse<RegionFault>)]
        : Enum.GetValues<RegionFault>();

    [Fact]
    public async Task Nothing_acknowledged_is_lost_and_no_call_fails()
    {
        var seed = RunSettings.Seed;
        output.WriteLine($"MESH_E2E_SEED={seed}");
        await using var fleet = await RegionFleet.Start(Settings);
        var ledger = new WriteLedger(isOrderedAcrossRegions: !fleet.Regions.Any(static region => region.HasSkewedClock));
        ledger.AddStart(fleet.Regions[0]);
        var faults = new FaultRun(fleet, new FaultPlan(seed, fleet.Regions.Count, Faults), ledger);
        var calls = fleet.Regions.Select(region => RegionCalls.Start(region, ledger)).ToArray();
        var count = fleet.Regions.Count * WritersOfEach;
        var writers = Enumerable.Range(0, count)
            .Select(number => RegionWriter.Start(fleet.Regions[number % fleet.Regions.Count], ledger, number, count, seed))
            .ToArray();
        var problems = new List<string>();
        try
        {
            await faults.Run(Length);
            await Task.WhenAll(writers.Select(static writer => writer.Stop()));
            problems.AddRange(await new Audit(fleet, ledger).Run());
        }
        catch (Exception exception)
        {
            problems.Add(exception.ToString());
        }
        finally
        {
            await Task.WhenAll(writers.Select(static writer => writer.DisposeAsync().AsTask()));
            await Task.WhenAll(calls.Select(static call => call.DisposeAsync().AsTask()));
        }

        problems.AddRange(writers.SelectMany(static writer => writer.Failures));
        problems.AddRange(calls.SelectMany(static call => call.Failures));
        output.WriteLine(faults.Log);
        output.WriteLine($"{ledger.Writes.Count(static write => write.Acknowledged is not null)} writes were acknowledged; answers: "
            + string.Join(", ", writers.SelectMany(static writer => writer.Answers).GroupBy(static pair => pair.Key, static pair => pair.Value)
                .Select(static group => $"{group.Sum()} times {group.Key}"))
            + $"; {calls.Sum(static call => call.Answers)} calls");
        Assert.True(problems.Count == 0, $"""
            MESH_E2E_SEED={seed}
            {string.Join(Environment.NewLine, problems)}

            {faults.Log}

            {ProcessLogs.Tail(fleet.LogDirectory, 15)}
            """);

        // That the run was real:
        Assert.All(calls, static call => Assert.True(call.Answers > 500, $"only {call.Answers} calls"));
        Assert.All(writers, static writer => Assert.True(writer.Acknowledged > 20, $"only {writer.Acknowledged} writes"));
        if (Length >= TimeSpan.FromMinutes(3))
        {
            Assert.All(Faults, fault => Assert.True(faults.Played.ContainsKey(fault), $"{fault} was not played"));
        }
    }

    private static IEnumerable<RegionSettings> Settings(string logs)
    {
        yield return new RegionSettings("east", Silos: 2, logs);
        yield return new RegionSettings("west", Silos: 1, logs);
        if (Length >= TimeSpan.FromMinutes(1))
        {
            yield return new RegionSettings("north", Silos: 1, logs, FakeClock.IsAvailable ? "+3h" : null);
        }
    }
}
