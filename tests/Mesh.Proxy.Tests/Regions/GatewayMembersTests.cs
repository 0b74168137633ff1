using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Regions;
using static Mesh.Proxy.Tests.Regions.Reaches;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Tests.Regions;

public sealed class GatewayMembersTests
{
    private static readonly ProxyPlace Place = new("eu");

    [Fact]
    public void Gateways_stand_in_for_their_regions_endpoints_only()
    {
        var map = Map(Via("us"), Fresh("ap")).WithGateways([In("us", "g1", 1), In("us", "g2", 2), In("eu", "own", 3)]);

        var members = Of(map, In("eu", "a"), In("us", "b", weight: 3), In("us", "c", weight: 5), In("ap", "d"));

        Assert.Equal(
            [("a", 1_000, 1, false), ("d", 1_000, 1, false), ("gateway/g1", 1, 4, true), ("gateway/g2", 2, 4, true)],
            members.Select(static member => (member.Endpoint.Id, member.Endpoint.Port, member.Endpoint.Weight, member.IsGateway)));
        Assert.All(members.Where(static member => member.IsGateway), static member => Assert.Equal("us", member.Endpoint.Region));
    }

    [Fact]
    public void There_is_one_for_each_set_of_labels()
    {
        var map = Map(Via("us")).WithGateways([In("us", "g1")]);

        var members = Of(map,
            In("us", "a", 1, 2, ("version", "1"), ("tier", "x")), In("us", "b", 1, 3, ("tier", "x"), ("version", "1")), In("us", "c", 1, 1, ("version", "2")), In("us", "d"));

        Assert.Equal(
            [("gateway/g1/tier=x, version=1", 5), ("gateway/g1/version=2", 1), ("gateway/g1", 1)],
            members.Select(static member => (member.Endpoint.Id, member.Endpoint.Weight)));
        Assert.Equal("2", members[1].Endpoint.Labels["version"]);
    }

    [Fact]
    public void Gateways_share_by_their_weights_and_none_gets_nothing()
    {
        var map = Map(Via("us")).WithGateways([In("us", "g1", weight: 3), In("us", "g2", weight: 1)]);

        Assert.Equal([75, 25], Of(map, In("us", "a", weight: 100)).Select(static member => member.Endpoint.Weight));
        Assert.Equal([1, 1], Of(map, In("us", "a")).Select(static member => member.Endpoint.Weight));
    }

    [Fact]
    public void Only_what_can_take_requests_is_stood_in_for()
    {
        var gateways = Map(Via("us")).WithGateways([In("us", "g1")]);
        Assert.Empty(Of(gateways, In("us", "a") with { State = EndpointState.NotReady }, In("us", "b", weight: 0), In("us", "c") with { State = EndpointState.Draining }));
        Assert.Empty(Of(gateways, In("us", "tcp") with { Protocol = ServiceProtocol.Tcp }));
        Assert.Empty(GatewayMembers.Of([In("us", "tcp")], gateways, Place, ServiceProtocol.Tcp));
        Assert.Empty(Of(Map(Via("us")), In("us", "a")));
        Assert.Empty(Of(Map(Via("us")).WithGateways([In("us", "g1") with { State = EndpointState.Draining }, In("ap", "g2")]), In("us", "a")));
    }

    [Fact]
    public void The_own_region_is_never_reached_through_gateways() =>
        Assert.Equal(["a"], Of(Map(Via("eu")).WithGateways([In("eu", "g1")]), In("eu", "a")).Select(static member => member.Endpoint.Id));

    [Fact]
    public void What_endpoints_speak_is_kept_apart()
    {
        var map = Map(Via("us")).WithGateways([In("us", "g1")]);

        var members = Of(map, In("us", "a"), In("us", "b") with { Protocol = ServiceProtocol.Grpc });

        Assert.Equal([null, ServiceProtocol.Grpc], members.Select(static member => member.Endpoint.Protocol));
        Assert.Equal(2, members.Select(static member => member.Endpoint.Id).Distinct().Count());
    }

    private static IReadOnlyList<PoolMember> Of(RegionMap map, params Endpoint[] endpoints) => GatewayMembers.Of(endpoints, map, Place, ServiceProtocol.Http);
}
