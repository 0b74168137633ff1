using Mesh.Abstractions.Naming;
using Mesh.Proxy.Overrides;

namespace Mesh.Proxy.Tests.Overrides;

public sealed class RequestOverridesTests
{
    [Theory]
    [InlineData("web=web-v2", "shop/web", "shop/web-v2")]
    [InlineData("web=lab/web", "shop/web", "lab/web")]
    [InlineData("db/users=users-v2", "db/users", "db/users-v2")]
    [InlineData("db/*=db-canary", "db/users", "db/db-canary")]
    [InlineData("db/*=lab/*", "db/users", "lab/users")]
    [InlineData(" web = web-v2 , db/* = db-canary ", "db/a", "db/db-canary")]
    [InlineData("web=a, web=b", "shop/web", "shop/b")]
    [InlineData("shop/*=other, web=web-v2", "shop/web", "shop/web-v2")]
    [InlineData("web=web-v2", "db/web", null)]
    [InlineData("web=web-v2", "shop/web-v2", null)]
    [InlineData("db/*=db-canary", "db/db-canary", null)]
    [InlineData("web=web", "shop/web", null)]
    public void Replaces_the_services_its_entries_cover(string header, string service, string? expected)
    {
        Assert.True(RequestOverrides.TryRead(Headers(("mesh-override", header)), "shop", out var overrides));

        Assert.Equal(expected, overrides!.Find(ServiceName.Parse(service))?.ToString());
    }

    [Theory]
    [InlineData(",")]
    [InlineData("web")]
    [InlineData("web=")]
    [InlineData("=web")]
    [InlineData("web=a,")]
    [InlineData("Web=web-v2")]
    [InlineData("web=a=b")]
    [InlineData("*=web")]
    [InlineData("web=db/*")]
    [InlineData("a/b/c=d")]
    [InlineData("web=web_v2")]
    public void Refuses_what_it_cannot_read(string header) =>
        Assert.False(RequestOverrides.TryRead(Headers(("mesh-override", header)), "shop", out _));

    [Fact]
    public void Refuses_more_entries_than_hops_should_carry()
    {
        var entries = Enumerable.Range(0, RequestOverrides.MaxEntries + 1).Select(static i => $"a{i}=b");

        Assert.False(RequestOverrides.TryRead(Headers(("mesh-override", string.Join(',', entries))), "shop", out _));
    }

    [Fact]
    public void Without_the_header_and_without_baggage_there_is_nothing()
    {
        Assert.True(RequestOverrides.TryRead(Headers(("baggage", "user=7,color=red")), "shop", out var overrides));
        Assert.Null(overrides);
    }

    [Fact]
    public void Travels_in_the_baggage_and_means_the_same_in_another_namespace()
    {
        var headers = Headers(("baggage", "user=7;secret, color=red"), ("mesh-override", "web=web-v2,db/*=lab/*"));
        Assert.True(RequestOverrides.TryRead(headers, "shop", out var first));
        first!.Carry(headers);

        Assert.Equal("user=7;secret,color=red,mesh-override=shop%2Fweb%3Dshop%2Fweb-v2%2Cdb%2F%2A%3Dlab%2F%2A", headers["baggage"].ToString());
        var next = Headers(("baggage", headers["baggage"].ToString()));
        Assert.True(RequestOverrides.TryRead(next, "elsewhere", out var carried));
        Assert.Equal("shop/web-v2", carried!.Find(new ServiceName("shop", "web")).ToString());
        Assert.Equal("lab/users", carried.Find(new ServiceName("db", "users")).ToString());
        Assert.Null(carried.Find(new ServiceName("elsewhere", "web")));
    }

    [Fact]
    public void What_a_caller_says_goes_before_what_was_carried()
    {
        var headers = Headers(("baggage", "mesh-override=shop%2Fweb%3Dshop%2Fweb-v2"), ("mesh-override", "web=web-v3"));

        Assert.True(RequestOverrides.TryRead(headers, "shop", out var overrides));

        Assert.Equal("shop/web-v3", overrides!.Find(new ServiceName("shop", "web")).ToString());
    }

    [Fact]
    public void The_same_header_at_every_hop_does_not_grow_the_baggage()
    {
        var headers = Headers(("mesh-override", "web=web-v2"));
        for (var hop = 0; hop < 3; hop++)
        {
            Assert.True(RequestOverrides.TryRead(headers, "shop", out var overrides));
            overrides!.Carry(headers);
        }

        Assert.Equal("mesh-override=shop%2Fweb%3Dshop%2Fweb-v2", headers["baggage"].ToString());
    }

    private static HeaderDictionary Headers(params (string Name, string Value)[] headers)
    {
        var dictionary = new HeaderDictionary();
        foreach (var (name, value) in headers)
        {
            dictionary.Append(name, value);
        }

        return dictionary;
    }
}
