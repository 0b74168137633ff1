using Mesh.Proxy.HealthChecks;

namespace Mesh.Proxy.Tests.HealthChecks;

public class HealthJudgeTests
{
    [Fact]
    public void An_application_that_never_was_healthy_is_starting_not_ill()
    {
        var judge = new HealthJudge(2);
        judge.Report(false);
        judge.Report(false);
        judge.Report(false);

        Assert.Null(judge.IsHealthy);
    }

    [Fact]
    public void Only_failures_in_a_row_make_it_ill_and_one_success_makes_it_well()
    {
        var judge = new HealthJudge(2);
        judge.Report(true);
        judge.Report(false);
        judge.Report(true);
        judge.Report(false);
        Assert.True(judge.IsHealthy);

        judge.Report(false);
        Assert.False(judge.IsHealthy);

        judge.Report(true);
        Assert.True(judge.IsHealthy);
    }

    [Fact]
    public void Who_is_taken_for_well_falls_ill_and_recovers_after_so_many_in_a_row()
    {
        var judge = new HealthJudge(2, healthyAfter: 3, isHealthy: true);
        judge.Report(false);
        Assert.True(judge.IsHealthy);
        judge.Report(false);
        Assert.False(judge.IsHealthy);

        judge.Report(true);
        judge.Report(true);
        judge.Report(false);
        judge.Report(true);
        judge.Report(true);
        Assert.False(judge.IsHealthy);
        judge.Report(true);
        Assert.True(judge.IsHealthy);
    }
}
