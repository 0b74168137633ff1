using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Balancing;
using Microsoft.Extensions.Time.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Tests.Balancing;

public sealed class EndpointPoolTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Picks_only_ready_endpoints_with_a_weight()
    {
        var pool = Pool(
            null,
            At(1, "ready"),
            At(2, "idle", weight: 0),
            At(3, "ill") with { State = EndpointState.NotReady },
            At(4, "leaving") with { State = EndpointState.Draining });

        Assert.All(Enumerable.Range(0, 50), turn => Assert.Equal("ready", pool.Pick(new PickContext(turn), out _)!.Endpoint.Id));
        Assert.Equal(4, pool.All.Length);
    }

    [Fact]
    public void Picks_nothing_when_there_is_nothing() => Assert.Null(Pool(null, At(1, weight: 0)).Pick(new PickContext(0), out _));

    [Fact]
    public void Keeps_measurements_while_the_address_stays()
    {
        var before = Pool(null, At(1, "same"), At(2, "moved"), At(3, "region"));

        var after = Pool(before, At(1, "same", weight: 5), At(22, "moved"), At(3, "region") with { Region = "other" });

        Assert.Same(before.All[0].Stats, after.All[0].Stats);
        Assert.NotSame(before.All[1].Stats, after.All[1].Stats);
        Assert.NotSame(before.All[2].Stats, after.All[2].Stats);
    }

    [Fact]
    public void An_endpoint_may_speak_otherwise_than_its_service()
    {
        var spec = new ServiceSpec { Protocol = ServiceProtocol.Grpc };

        var pool = new EndpointPool(spec, [At(1, "a"), At(2, "b", protocol: ServiceProtocol.Http)], null, _time, new Random(7));

        Assert.Equal(ServiceProtocol.Grpc, pool.All[0].Protocol);
        Assert.Equal(ServiceProtocol.Http, pool.All[1].Protocol);
    }

    [Fact]
    public void Puts_an_IPv6_address_in_brackets()
    {
        var pool = Pool(null, At(80) with { Host = "::1" });

        Assert.Equal("http://[::1]:80", pool.All[0].Prefix);
    }

    private EndpointPool Pool(EndpointPool? previous, params Endpoint[] endpoints) =>
        new(new ServiceSpec(), endpoints, previous, _time, new Random(7));
}
