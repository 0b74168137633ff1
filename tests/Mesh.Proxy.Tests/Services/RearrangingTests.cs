using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Services;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;
using static Mesh.Proxy.Tests.Regions.Reaches;

namespace Mesh.Proxy.Tests.Services;

public sealed class RearrangingTests
{
    private static readonly ServiceName Web = new("shop", "web");
    private static readonly ServiceName Api = new("shop", "api");

    private readonly FakeTimeProvider _time = new();
    private readonly ServiceTable _table;

    public RearrangingTests()
    {
        _table = new ServiceTable("shop", new ServiceModelCompiler(_time, new Random(7), new ProxyPlace("eu")), _time, NullLogger<ServiceTable>.Instance);
        _table.Apply(Of("shop/web", 1, new ServiceSpec(), In("eu", "a"), In("us", "b")), isAuthoritative: true);
        _table.Apply(Of("shop/api", 1, new ServiceSpec(), In("eu", "a")), isAuthoritative: true);
    }

    [Fact]
    public void News_of_a_region_changes_the_services_with_endpoints_there_and_keeps_what_was_measured()
    {
        var (web, api) = (Model(Web), Model(Api));
        web.Endpoints.All[1].Stats.Begin();

        _table.UseRegions([Stale("us")]);

        var after = Model(Web);
        Assert.NotSame(web, after);
        Assert.Same(api, Model(Api));
        Assert.Equal(["region", "stale"], after.Endpoints.All.Select(after.Endpoints.LevelOf));
        Assert.Same(web.Endpoints.All[1].Stats, after.Endpoints.All[1].Stats);
        Assert.Equal(1, after.Endpoints.All[1].Stats.InFlight);
        Assert.Same(web.Rules, after.Rules);
        Assert.Equal(web.Version, after.Version);

        _table.UseRegions([Stale("us"), Stale("ap")]);
        Assert.Same(after, Model(Web));
    }

    [Fact]
    public void Snapshots_that_come_later_follow_it_too()
    {
        _table.UseRegions([Stale("us")]);

        _table.Apply(Of("shop/web", 2, new ServiceSpec(), In("us", "b")), isAuthoritative: true);

        Assert.Equal(["stale"], Model(Web).Endpoints.All.Select(Model(Web).Endpoints.LevelOf));
    }

    [Fact]
    public void Gateways_take_the_places_of_endpoints_as_they_come_and_go()
    {
        _table.UseRegions([Via("us")]);
        Assert.Equal(["a"], Ids(Web));

        _table.Apply(Of("mesh/gateway", 1, new ServiceSpec(), In("us", "g1"), In("us", "g2"), In("eu", "own")), isAuthoritative: true);
        Assert.Equal(["a", "gateway/g1", "gateway/g2"], Ids(Web));
        Assert.Equal(["g1", "g2", "own"], Ids(new ServiceName("mesh", "gateway")));
        var kept = Model(Web).Endpoints.All[1].Stats;

        _table.Apply(Of("mesh/gateway", 2, new ServiceSpec(), In("us", "g1")), isAuthoritative: true);
        Assert.Equal(["a", "gateway/g1"], Ids(Web));
        Assert.Same(kept, Model(Web).Endpoints.All[1].Stats);

        _table.UseRegions([Fresh("us")]);
        Assert.Equal(["a", "b"], Ids(Web));
    }

    [Fact]
    public void A_snapshot_that_was_rejected_stays_so()
    {
        _table.Apply(Of("shop/web", 2, new ServiceSpec { Hosts = [""] }), isAuthoritative: true);

        _table.UseRegions([Stale("us")]);

        Assert.Equal(2, _table.GetOrAdd(Web).Rejected?.Revision);
    }

    private ServiceModel Model(ServiceName service) => _table.GetOrAdd(service).Model!;

    private IEnumerable<string> Ids(ServiceName service) => Model(service).Endpoints.All.Select(static endpoint => endpoint.Endpoint.Id);
}
