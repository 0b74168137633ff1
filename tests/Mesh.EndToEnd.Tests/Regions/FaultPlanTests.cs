namespace Mesh.EndToEnd.Tests.Regions;

public sealed class FaultPlanTests
{
    private static readonly RegionFault[] All = Enum.GetValues<RegionFault>();

    [Fact]
    public void A_seed_repeats_the_plan() => Assert.Equal(Faults(seed: 1, rounds: 50), Faults(seed: 1, rounds: 50));

    [Fact]
    public void Another_seed_makes_another_plan() => Assert.NotEqual(Faults(seed: 1, rounds: 50), Faults(seed: 2, rounds: 50));

    [Fact]
    public void Every_kind_of_fault_has_its_turn() => Assert.Empty(All.Except(Faults(seed: 3, rounds: 3 * All.Length).Select(static fault => fault.Fault)));

    [Fact]
    public void A_store_that_forgets_fails_alone_and_a_part_has_one_fault_at_a_time()
    {
        var plan = new FaultPlan(4, regions: 3, All);
        var sizes = new HashSet<int>();
        for (var round = 0; round < 1000; round++)
        {
            var faults = plan.NextRound();
            sizes.Add(faults.Count);
            Assert.True(faults.Count == 1 || !faults.Any(static fault => fault.Forgets));
            foreach (var region in faults.GroupBy(static fault => fault.Region))
            {
                var parts = region.Select(static fault => fault.Parts).Where(static parts => parts != FaultyPart.Link).ToArray();
                Assert.Equal(parts.Sum(static part => (int)part), parts.Aggregate(0, static (all, part) => all | (int)part));
                var peers = region.Where(static fault => fault.Parts == FaultyPart.Link).Select(static fault => fault.Peer).ToArray();
                Assert.Equal(peers.Length, peers.Distinct().Count());
                Assert.DoesNotContain(region.Key, peers);
            }
        }

        Assert.Contains(3, sizes);
    }

    private static PlannedFault[] Faults(int seed, int rounds)
    {
        var plan = new FaultPlan(seed, regions: 3, All);
        return [.. Enumerable.Range(0, rounds).SelectMany(_ => plan.NextRound())];
    }
}
