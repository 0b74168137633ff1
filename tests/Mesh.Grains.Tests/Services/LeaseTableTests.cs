using Mesh.Grains.Services;

namespace Mesh.Grains.Tests.Services;

public class LeaseTableTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_lease_runs_out_after_its_period_and_not_before()
    {
        var leases = Given("a", "b", "c");
        leases.Renew("b", Start + TimeSpan.FromSeconds(10));
        leases.Renew("c", Start + TimeSpan.FromSeconds(10));

        Assert.Empty(leases.Judge(Start + LeaseTable.Period - TimeSpan.FromMilliseconds(1)).Expired);
        var verdict = leases.Judge(Start + LeaseTable.Period);

        Assert.Equal(["a"], verdict.Expired);
        Assert.False(verdict.IsPreserved);
    }

    [Fact]
    public void Half_of_the_leases_may_run_out_at_once_and_no_more()
    {
        var leases = Given("a", "b", "c", "d");
        var later = Start + TimeSpan.FromSeconds(10);
        leases.Renew("a", later);
        leases.Renew("b", later);

        Assert.False(leases.Judge(Start + LeaseTable.Period).IsPreserved);

        leases = Given("a", "b", "c", "d");
        leases.Renew("a", later);

        Assert.True(leases.Judge(Start + LeaseTable.Period).IsPreserved);
    }

    [Fact]
    public void Aligning_gives_new_endpoints_a_full_period_and_forgets_the_gone()
    {
        var leases = Given("a", "b");
        var later = Start + TimeSpan.FromSeconds(10);

        leases.Align(["b", "c"], later);

        Assert.Equal(2, leases.Count);
        Assert.Equal(["b"], leases.Judge(Start + LeaseTable.Period).Expired);
        Assert.Equal(["b", "c"], leases.Judge(later + LeaseTable.Period).Expired);
    }

    private static LeaseTable Given(params string[] ids)
    {
        var leases = new LeaseTable();
        leases.Align(ids, Start);
        return leases;
    }
}
