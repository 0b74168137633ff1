using Mesh.Grains.Services;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Grains.Tests.Services;

public class LeaseTableTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_lease_runs_out_after_its_period_and_not_before()
    {
        var leases = Given("a", "b", "c");
        _time.Advance(TimeSpan.FromSeconds(10));
        leases.Renew("b");
        leases.Renew("c");

        _time.Advance(TimeSpan.FromSeconds(5) - TimeSpan.FromMilliseconds(1));
        Assert.Empty(leases.Judge().Expired);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var verdict = leases.Judge();

        Assert.Equal(["a"], verdict.Expired);
        Assert.False(verdict.IsPreserved);
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(1, true)]
    public void Half_of_the_leases_may_run_out_at_once_and_no_more(int renewed, bool isPreserved)
    {
        var leases = Given("a", "b", "c", "d");
        _time.Advance(Second);
        foreach (var id in new[] { "a", "b", "c", "d" }[..renewed])
        {
            leases.Renew(id);
        }

        _time.Advance(LeaseTable.Period - Second);

        Assert.Equal(isPreserved, leases.Judge().IsPreserved);
    }

    [Fact]
    public void When_many_come_back_the_others_get_a_period_to_follow()
    {
        var leases = Given("a", "b", "c", "d");
        _time.Advance(LeaseTable.Period);
        Assert.True(leases.Judge().IsPreserved);

        leases.Renew("a");
        leases.Renew("b");
        _time.Advance(Second);
        Assert.True(leases.Judge().IsPreserved);

        _time.Advance(LeaseTable.Period - Second);
        leases.Renew("a");
        leases.Renew("b");
        var verdict = leases.Judge();
        Assert.Equal(["c", "d"], verdict.Expired);
        Assert.False(verdict.IsPreserved);
    }

    [Fact]
    public void Aligning_gives_new_endpoints_a_full_period_and_forgets_the_gone()
    {
        var leases = Given("a", "b");
        _time.Advance(TimeSpan.FromSeconds(10));

        leases.Align(["b", "c"]);

        Assert.Equal(2, leases.Count);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(["b"], leases.Judge().Expired);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(["b", "c"], leases.Judge().Expired);
    }

    private LeaseTable Given(params string[] ids)
    {
        var leases = new LeaseTable(_time);
        leases.Align(ids);
        return leases;
    }
}
