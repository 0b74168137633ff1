using Mesh.Quickstart.Events;

namespace Mesh.Quickstart.Tests.Events;

public sealed class ServiceChangesTests
{
    private static readonly ServiceLine Web = new("shop", "web", SpecRevision: 3, Rules: 0, Endpoints: 1);
    private static readonly ServiceLine Catalog = new("shop", "catalog", SpecRevision: 5, Rules: 0, Endpoints: 1);

    [Fact]
    public void The_same_list_is_no_event()
    {
        Assert.Empty(ServiceChanges.Between(new([Web, Catalog]), new([Catalog, Web])));
    }

    [Fact]
    public void Tells_of_a_route_change()
    {
        var lines = ServiceChanges.Between(new([Web, Catalog]), new([Web, Catalog with { SpecRevision = 6, Rules = 1 }]));

        Assert.Equal(["shop/catalog was changed: revision 6, 1 rule"], lines);
    }

    [Fact]
    public void Tells_of_endpoints_that_come_and_go()
    {
        var lines = ServiceChanges.Between(new([Web]), new([Web with { Endpoints = 0 }]));

        Assert.Equal(["shop/web has 0 endpoints now, 1 before"], lines);
    }

    [Fact]
    public void Tells_of_services_that_come_and_go()
    {
        var lines = ServiceChanges.Between(new([Web]), new([Catalog with { Rules = 2 }]));

        Assert.Equal(["shop/catalog is new, with 1 endpoint and 2 rules", "shop/web was deleted"], lines);
    }
}
