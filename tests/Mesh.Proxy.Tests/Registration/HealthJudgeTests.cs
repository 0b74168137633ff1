using Mesh.Proxy.Registration;

namespace Mesh.Proxy.Tests.Registration;

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
}
