using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Regions;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Writes;
using Mesh.Grains.Tests.Regions;
using Mesh.Testing;
using StackExchange.Redis;

namespace Mesh.Grains.Tests.Links;

/// <summary>How regions reach each other's stores: as whom, and where.</summary>
public sealed class PeerAccessTests : IAsyncLifetime
{
    private static readonly ServiceName Web = ServiceName.Parse("shop/web");

    private readonly List<LinkedRegion> _regions = [];
    private readonly List<RedisServer> _servers = [];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var region in _regions)
        {
            await region.DisposeAsync();
        }

        _servers.ForEach(static server => server.Dispose());
    }

    [Fact]
    public async Task A_link_needs_a_user_that_may_only_read()
    {
        var (ours, theirs) = (await Server(), await Server());
        var us = await Region("us", theirs.ConnectionString);
        await us.Redis.ExecuteAsync(
            "ACL", "SETUSER", "link", "on", ">secret", "resetkeys", "%R~mesh:{us:*", "resetchannels", "&mesh:us:changes", "-@all",
            "+hget", "+hmget", "+zrangebyscore", "+zrange", "+subscribe", "+unsubscribe", "+ping", "+echo", "+auth", "+hello");
        var asLink = $"{theirs.ConnectionString},user=link,password=secret";
        var eu = await Region("eu", ours.ConnectionString, peers: ("us", asLink, "mesh"));
        await eu.Reaches("us", RegionLinkState.Following);

        await us.Write(Web, new PutSpec(new ServiceSpec()));

        // Sooner than the next poll: it may also be woken.
        await eu.Holds(Web);
        Assert.Null((await eu.Link("us")).LastError);
        await using var link = await ConnectionMultiplexer.ConnectAsync(asLink);
        await Assert.ThrowsAsync<RedisServerException>(() => link.GetDatabase().HashSetAsync(us.Keys.Service(Web), "record", ""));
    }

    [Fact]
    public async Task A_wrong_password_is_called_so()
    {
        var (ours, theirs) = (await Server(), await Server());
        await using var admin = await ConnectionMultiplexer.ConnectAsync(theirs.ConnectionString);
        await admin.GetDatabase().ExecuteAsync("ACL", "SETUSER", "link", "on", ">secret", "~*", "&*", "+@all");

        // Else the server takes the link for the default user, who needs no password.
        await admin.GetDatabase().ExecuteAsync("ACL", "SETUSER", "default", "resetpass", ">other");
        var eu = await Region("eu", ours.ConnectionString, peers: ("us", $"{theirs.ConnectionString},user=link,password=wrong", "mesh"));

        // A busy machine may first find no connection at all in time.
        await Eventually.Holds("the password is blamed", async () =>
            (await eu.Reaches("us", RegionLinkState.Unreachable)).LastError?.Contains("refuses the user or the password", StringComparison.Ordinal) == true);
        await admin.GetDatabase().ExecuteAsync("ACL", "SETUSER", "link", ">wrong");
        await eu.Reaches("us", RegionLinkState.Following);
    }

    [Fact]
    public async Task What_its_user_lacks_is_named()
    {
        var (ours, theirs) = (await Server(), await Server());
        await using var admin = await ConnectionMultiplexer.ConnectAsync(theirs.ConnectionString);
        await admin.GetDatabase().ExecuteAsync("ACL", "SETUSER", "link", "on", ">secret", "~*", "+@all", "-hmget");
        var eu = await Region("eu", ours.ConnectionString, peers: ("us", $"{theirs.ConnectionString},user=link,password=secret", "mesh"));

        var status = await eu.Reaches("us", RegionLinkState.Unreachable);

        Assert.Contains("hmget", status.LastError, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Two_regions_share_a_server_each_with_its_prefix()
    {
        var shared = (await Server()).ConnectionString;
        var eu = await Region("eu", shared, "one", ("us", shared, "two"));
        var us = await Region("us", shared, "two", ("eu", shared, "one"));
        await eu.Write(Web, new PutSpec(new ServiceSpec()), Regions.Region.Instance("a"));
        await us.Holds(Web);
        await us.Write(Web, Regions.Region.Instance("b"));

        await LinkedRegion.Converge([eu, us], [Web]);

        Assert.StartsWith("one:{eu:", eu.Keys.Service(Web).ToString(), StringComparison.Ordinal);
        Assert.Equal(2, (await eu.Service(Web).Get())!.Endpoints.Count);
    }

    [Fact]
    public async Task Three_regions_end_up_equal()
    {
        var shared = (await Server()).ConnectionString;
        string[] names = ["ap", "eu", "us"];
        foreach (var name in names)
        {
            await Region(name, shared, peers: [.. names.Where(other => other != name).Select(other => (other, shared, "mesh"))]);
        }

        var services = names.Select(static name => new ServiceName("shop", name)).ToList();
        await Task.WhenAll(_regions.SelectMany(region => services.Select(service => region.Write(
            service, Regions.Region.Instance("side"), new PutSpec(new ServiceSpec { Hosts = [$"{service.Name}.example"] })))));

        await LinkedRegion.Converge(_regions, services);

        Assert.Equal(names, (await _regions[0].Service(services[0]).Get())!.Endpoints.Select(static endpoint => endpoint.Region));
        await Eventually.Holds("all know that they are in sync", async () => (await _regions[0].Link("us")).InSyncAt is not null, LinkedRegion.Patience);
    }

    private async Task<RedisServer> Server()
    {
        var server = await RedisServer.Start();
        _servers.Add(server);
        return server;
    }

    private async Task<LinkedRegion> Region(string name, string redis, string prefix = "mesh", params (string, string, string)[] peers)
    {
        var region = await LinkedRegion.Start(name, redis, prefix, peers);
        _regions.Add(region);
        return region;
    }
}
