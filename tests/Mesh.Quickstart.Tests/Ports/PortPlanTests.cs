using Mesh.Quickstart.Options;
using Mesh.Quickstart.Ports;

namespace Mesh.Quickstart.Tests.Ports;

public sealed class PortPlanTests
{
    [Fact]
    public void The_first_sidecar_has_a_proxys_default_ports_and_the_others_follow_in_hundreds()
    {
        var plan = PortPlan.For(new QuickstartOptions(), sidecars: 2);

        Assert.Equal([new(4140, 4143, 4191, 4150), new(4240, 4243, 4291, 4250)], plan.Sidecars);
    }

    [Fact]
    public void Refuses_a_base_from_which_the_ports_run_out()
    {
        var problem = Assert.Throws<QuickstartException>(() => PortPlan.For(new QuickstartOptions { BasePort = 65500 }, sidecars: 2));

        Assert.Contains("65651", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Free_ports_are_all_different()
    {
        var ports = PortPlan.For(new QuickstartOptions { FreePorts = true }, sidecars: 4).Uses(["a", "b", "c", "d"]).Select(use => use.Port).ToArray();

        Assert.Equal(19, ports.Length);
        Assert.Equal(ports.Length, ports.Distinct().Count());
    }

    [Fact]
    public void No_two_of_the_documented_ports_are_the_same()
    {
        var ports = PortPlan.For(new QuickstartOptions(), sidecars: 4).Uses(["a", "b", "c", "d"]).Select(use => use.Port).ToArray();

        Assert.Equal(ports.Length, ports.Distinct().Count());
    }
}
