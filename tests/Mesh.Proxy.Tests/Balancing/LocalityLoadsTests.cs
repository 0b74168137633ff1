using Mesh.Proxy.Balancing;

namespace Mesh.Proxy.Tests.Balancing;

public sealed class LocalityLoadsTests
{
    /// <summary>Healthy endpoints of 100 in each of three levels, and the percent of the requests that each gets.</summary>
    [Theory]
    [InlineData(100, 100, 100, 100, 0, 0)]
    [InlineData(72, 72, 100, 100, 0, 0)]
    [InlineData(71, 71, 100, 99.4, 0.6, 0)]
    [InlineData(50, 60, 100, 70, 30, 0)]
    [InlineData(50, 50, 50, 70, 30, 0)]
    [InlineData(25, 100, 100, 35, 65, 0)]
    [InlineData(25, 25, 100, 35, 35, 30)]
    [InlineData(25, 0, 100, 35, 0, 65)]
    [InlineData(0, 0, 100, 0, 0, 100)]
    [InlineData(0, 20, 30, 0, 40, 60)]
    [InlineData(25, 25, 0, 50, 50, 0)]
    [InlineData(5, 0, 0, 100, 0, 0)]
    [InlineData(0, 0, 0, 0, 0, 0)]
    public void Follow_what_is_healthy(int first, int second, int third, double expectedFirst, double expectedSecond, double expectedThird)
    {
        Span<double> loads = stackalloc double[3];

        LocalityLoads.Compute([first, second, third], [100, 100, 100], 1.4, loads);

        Assert.Equal(expectedFirst / 100, loads[0], 6);
        Assert.Equal(expectedSecond / 100, loads[1], 6);
        Assert.Equal(expectedThird / 100, loads[2], 6);
    }

    [Fact]
    public void A_level_without_endpoints_gets_nothing()
    {
        Span<double> loads = stackalloc double[3];

        LocalityLoads.Compute([0, 2, 1], [0, 2, 1], 1.4, loads);

        Assert.Equal([0, 1, 0], loads.ToArray());
    }

    [Fact]
    public void Without_overprovisioning_every_loss_spills_over()
    {
        Span<double> loads = stackalloc double[2];

        LocalityLoads.Compute([9, 10], [10, 10], 1.0, loads);

        Assert.Equal(0.9, loads[0], 6);
        Assert.Equal(0.1, loads[1], 6);
    }
}
