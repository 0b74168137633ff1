using Mesh.Abstractions.Catalog;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Grains.Catalog;

namespace Mesh.Grains.Tests.Catalog;

public class CatalogIndexTests
{
    private static readonly ServiceName Web = new("shop", "web");
    private static readonly ServiceName Api = new("shop", "api");

    [Theory]
    [InlineData("shop", "web")]
    [InlineData("shop", "WEB")]
    [InlineData("default", "web.shop")]
    [InlineData("default", "web.shop.svc.cluster.local")]
    [InlineData("default", "www.example.com")]
    [InlineData("default", "WWW.example.com")]
    public void Finds_a_service_by_each_of_its_names(string callerNamespace, string host)
    {
        var index = Given(Entry(Web, 1, "www.example.com"));

        Assert.Equal(Web, index.Resolve(callerNamespace, host));
    }

    [Theory]
    [InlineData("default", "web")]
    [InlineData("shop", "web.shop.example.com")]
    [InlineData("shop", "example.com")]
    [InlineData("shop", "..")]
    [InlineData("shop", "")]
    public void Knows_no_other_names(string callerNamespace, string host) =>
        Assert.Null(Given(Entry(Web, 1, "www.example.com")).Resolve(callerNamespace, host));

    [Fact]
    public void The_record_of_a_namespaces_settings_is_neither_listed_nor_found()
    {
        var index = Given(Entry(Web, 1), Entry(NamespaceSettings.Of("shop"), 1));

        Assert.Equal([Web], index.List("shop").Select(static entry => entry.Service));
        Assert.Null(index.Resolve("shop", NamespaceSettings.RecordName));
        Assert.True(index.Knows(NamespaceSettings.Of("shop")));
    }

    [Fact]
    public void No_alias_takes_a_services_own_name()
    {
        var index = Given(Entry(Web, 1), Entry(Api, 1, "web.shop"));

        Assert.Equal(Web, index.Resolve("default", "web.shop"));
    }

    [Fact]
    public void Of_two_that_raced_for_an_alias_the_first_by_name_has_it()
    {
        var index = Given(Entry(Web, 1, "a.example"), Entry(Api, 1, "a.example"));
        Assert.Equal(Api, index.Resolve("x", "a.example"));

        index.Apply(Entry(Api, 2));

        Assert.Equal(Web, index.Resolve("x", "a.example"));
    }

    [Fact]
    public void Late_news_changes_nothing()
    {
        var index = Given(Entry(Web, 3, "new.example"));

        index.Apply(Entry(Web, 2, "old.example"));
        Assert.Null(index.Resolve("x", "old.example"));

        index.Apply(Entry(Web, 4) with { Deleted = true });
        index.Apply(Entry(Web, 3));

        Assert.False(index.Contains(Web));
        index.Apply(Entry(Web, 5));
        Assert.True(index.Contains(Web));
    }

    [Fact]
    public void Lists_in_order_and_by_namespace()
    {
        var index = Given(Entry(Web, 1), Entry(new("other", "x"), 1), Entry(Api, 1));

        Assert.Equal(["other/x", "shop/api", "shop/web"], index.List(null).Select(entry => entry.Service.ToString()));
        Assert.Equal(["shop/api", "shop/web"], index.List("shop").Select(entry => entry.Service.ToString()));
    }

    private static CatalogEntry Entry(ServiceName service, long revision, params string[] hosts) =>
        new() { Service = service, Revision = revision, SpecRevision = revision, Hosts = hosts };

    private static CatalogIndex Given(params CatalogEntry[] entries)
    {
        var index = new CatalogIndex();
        foreach (var entry in entries)
        {
            index.Apply(entry);
        }

        return index;
    }
}
