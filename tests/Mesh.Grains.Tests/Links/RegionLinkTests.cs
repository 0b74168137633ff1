using System.Diagnostics;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Regions;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Writes;
using Mesh.Grains.Regions;
using Mesh.Grains.Storage;
using Mesh.Grains.Tests.Regions;
using Mesh.Testing;
using StackExchange.Redis;

namespace Mesh.Grains.Tests.Links;

/// <summary>Two regions, each with a silo and a Redis server of its own, and what may happen to them.</summary>
public sealed class RegionLinkTests : IAsyncLifetime
{
    private static readonly ServiceName Web = ServiceName.Parse("shop/web");
    private static readonly ServiceName Api = ServiceName.Parse("shop/api");

    private RedisServer? _euRedis;
    private RedisServer? _usRedis;
    private LinkedRegion? _eu;
    private LinkedRegion? _us;

    private LinkedRegion Eu => _eu!;

    private LinkedRegion Us => _us!;

    public async ValueTask InitializeAsync()
    {
        try
        {
            _euRedis = await RedisServer.Start(appendOnly: true);
            _usRedis = await RedisServer.Start(appendOnly: true);
            _eu = await LinkedRegion.Start("eu", _euRedis.ConnectionString, peers: ("us", _usRedis.ConnectionString, "mesh"));
            await StartUs();
        }
        catch
        {
            // The runner does not dispose of what could not be initialized, and the servers would go on.
            await DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var region in new[] { _us, _eu }.OfType<LinkedRegion>())
        {
            await region.DisposeAsync();
        }

        _euRedis?.Dispose();
        _usRedis?.Dispose();
    }

    [Fact]
    public async Task What_either_region_writes_both_hold_and_both_end_up_equal()
    {
        await Eu.Write(Web, new PutSpec(new ServiceSpec { Hosts = ["web.example"] }), Region.Instance("a"));
        await Us.Holds(Web);
        var before = TimeProvider.System.GetUtcNow();
        await Us.Write(Web, new PutRule(new RouteRule { Name = "us" }), Region.Instance("b"));
        await Eu.Write(Web, new PutRule(new RouteRule { Name = "eu" }));
        await Us.Write(Api, new PutSpec(new ServiceSpec()));

        await LinkedRegion.Converge([Eu, Us], [Web, Api]);

        var view = (await Us.Service(Web).Get())!;
        Assert.Equal(["eu", "us"], view.Spec.Routes.Select(static rule => rule.Name).Order());
        Assert.Equal(["eu", "us"], view.Endpoints.Select(static endpoint => endpoint.Region));
        await Eventually.Holds("both know that they are in sync", async () =>
            (await Eu.Link("us")).InSyncAt >= before && (await Us.Link("eu")).InSyncAt >= before, LinkedRegion.Patience);
        var status = await Us.Reaches("eu", RegionLinkState.Following);
        Assert.Equal((0, 0, 0, null), (status.LagEntries, status.LagSeconds, status.Rejected, status.LastError));
        Assert.InRange(Assert.NotNull(status.ClockSkewSeconds), -30, 1);
        Assert.True(Us.Contacts.CollectBefore(TimeProvider.System.GetUtcNow()) > before - Tombstones.Retention - TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_deletion_arrives_too()
    {
        await Eu.Write(Web, new PutSpec(new ServiceSpec()));
        await Us.Holds(Web);

        await Us.Write(Web, new DeleteService());

        await Eventually.Holds("it is gone", async () => await Eu.Service(Web).Get() is null, LinkedRegion.Patience);
        await LinkedRegion.Converge([Eu, Us], [Web]);
    }

    [Fact]
    public async Task A_region_that_was_away_takes_up_a_thousand_services_where_it_left_off()
    {
        await Eu.Write(Web, new PutSpec(new ServiceSpec()));
        await Us.Holds(Web);
        await Us.Reaches("eu", RegionLinkState.Following);
        await Us.DisposeAsync();
        _us = null;
        var services = Enumerable.Range(0, 1000).Select(static i => new ServiceName("many", $"service-{i}")).ToList();
        await Parallel.ForEachAsync(services, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (service, _) =>
            await Eu.Write(service, new PutSpec(new ServiceSpec { Hosts = [$"{service.Name}.example"] })));

        var started = Stopwatch.GetTimestamp();
        await StartUs();
        await Eventually.Holds(
            "nothing is behind",
            async () => await Us.Link("eu") is { State: RegionLinkState.Following, LagEntries: 0 },
            LinkedRegion.Patience);
        TestContext.Current.SendDiagnosticMessage($"1,000 services taken up in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s, start included");

        await LinkedRegion.Converge([Eu, Us], services);
    }

    [Fact]
    public async Task A_peer_that_was_emptied_is_read_from_its_new_beginning_and_gets_back_what_it_lost()
    {
        var services = Enumerable.Range(0, 20).Select(static i => new ServiceName("many", $"service-{i}")).ToList();
        foreach (var service in services)
        {
            await Eu.Write(service, new PutSpec(new ServiceSpec()), Region.Instance("a"));
        }

        await LinkedRegion.Converge([Eu, Us], services);
        await using (var admin = await ConnectionMultiplexer.ConnectAsync($"{_euRedis!.ConnectionString},allowAdmin=true"))
        {
            await admin.GetServers()[0].FlushAllDatabasesAsync();
        }

        await Eu.Write(Web, new PutSpec(new ServiceSpec { Hosts = ["new.example"] }));

        await LinkedRegion.Converge([Eu, Us], [Web, .. services]);

        Assert.Equal("eu", Assert.Single((await Eu.Service(services[0]).Get())!.Endpoints).Region);
    }

    [Fact]
    public async Task A_peer_that_is_cut_off_or_hangs_is_reported_and_followed_again()
    {
        await Us.Reaches("eu", RegionLinkState.Following);
        _euRedis!.Kill();
        var refused = await Us.Reaches("eu", RegionLinkState.Unreachable);
        Assert.Contains("Mesh:Peers:eu:Redis", refused.LastError, StringComparison.Ordinal);
        Assert.True(refused.LagSeconds > 0);
        await _euRedis!.Restart();
        await Us.Reaches("eu", RegionLinkState.Following);

        _euRedis!.Pause();
        await Us.Reaches("eu", RegionLinkState.Unreachable);
        _euRedis!.Resume();

        await Us.Reaches("eu", RegionLinkState.Following);
        await Eu.Reaches("us", RegionLinkState.Following);
        await Eu.Write(Web, new PutSpec(new ServiceSpec()));
        await Us.Holds(Web);
    }

    [Fact]
    public async Task Without_its_own_store_it_keeps_its_place()
    {
        await Eu.Write(Web, new PutSpec(new ServiceSpec()));
        await Us.Holds(Web);
        _usRedis!.Kill();
        var paused = await Us.Reaches("eu", RegionLinkState.Paused);
        Assert.Contains("(Mesh:Redis)", paused.LastError, StringComparison.Ordinal);
        await Eu.Write(Api, new PutSpec(new ServiceSpec()));

        await _usRedis!.Restart();

        await Us.Holds(Api);
        await LinkedRegion.Converge([Eu, Us], [Web, Api]);
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_holds_up_no_other()
    {
        await Eu.Write(Web, new PutSpec(new ServiceSpec()));
        await Us.Holds(Web);
        await Eu.Redis.HashSetAsync(Eu.Keys.Service(Api), "record", "not json");
        await Eu.Redis.SortedSetAddAsync(Eu.Keys.Log(RedisKeys.ShardOf(Api)), Api.ToString(), 1000);
        await Eu.Redis.HashSetAsync(Eu.Keys.Sequence(RedisKeys.ShardOf(Api)), [new("epoch", "e"), new("last", 1000)]);

        var next = new ServiceName("shop", "next");
        await Eu.Write(next, new PutSpec(new ServiceSpec()));

        await Us.Holds(next);
        var status = await Eventually.Yields(
            "the record is rejected", async () => await Us.Link("eu") is { Rejected: 1, LastError: not null } link ? link : null, LinkedRegion.Patience);
        Assert.Contains("shop/api", status.LastError, StringComparison.Ordinal);
    }

    private async Task StartUs() =>
        _us = await LinkedRegion.Start("us", _usRedis!.ConnectionString, peers: ("eu", _euRedis!.ConnectionString, "mesh"));
}
