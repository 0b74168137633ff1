using Mesh.Abstractions.Proxies;
using Mesh.Proxy.ControlPlane;

namespace Mesh.Proxy.Tests.ControlPlane;

public class GatewaySelectionTests
{
    private static readonly List<GatewayEndpoint> Ten =
        [.. Enumerable.Range(1, 10).Select(i => new GatewayEndpoint { Address = $"10.0.0.{i}:30000", Generation = i, Silo = $"s{i}" })];

    [Fact]
    public void A_proxy_keeps_its_gateways()
    {
        Assert.Equal(GatewaySelection.Count, GatewaySelection.For("p", Ten).Count);
        Assert.Equal(GatewaySelection.For("p", Ten), GatewaySelection.For("p", [.. Ten.AsEnumerable().Reverse()]));
    }

    [Fact]
    public void Proxies_spread_over_the_gateways()
    {
        var uses = Enumerable.Range(0, 1000)
            .SelectMany(i => GatewaySelection.For($"proxy-{i}", Ten))
            .CountBy(gateway => gateway.Address)
            .ToDictionary();

        Assert.All(uses.Values, count => Assert.InRange(count, 200, 400));
    }

    [Fact]
    public void A_gateway_that_leaves_moves_only_its_own_proxies()
    {
        var without = Ten[1..];

        foreach (var proxy in Enumerable.Range(0, 200).Select(i => $"proxy-{i}"))
        {
            var before = GatewaySelection.For(proxy, Ten);
            var after = GatewaySelection.For(proxy, without);
            Assert.Subset(after.ToHashSet(), before.Where(gateway => gateway != Ten[0]).ToHashSet());
        }
    }
}
