using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Regions;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Writes;
using Mesh.Grains.Tests.Regions;
using Mesh.Testing;

namespace Mesh.Grains.Tests.Links;

/// <summary>A region that lost silos and store, and starts again with an empty one beside its peer.</summary>
public sealed class RestoreFromPeerTests : IAsyncLifetime
{
    private static readonly ServiceName Web = new("shop", "web");
    private static readonly ServiceName Gone = new("shop", "gone");
    private static readonly ServiceName Settings = NamespaceSettings.Of("shop");
    private static readonly IReadOnlyList<ServiceName> Many = [.. Enumerable.Range(0, 100).Select(static i => new ServiceName("many", $"service-{i}"))];

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
            _euRedis = await RedisServer.Start();
            _usRedis = await RedisServer.Start();
            await StartEu();
            _us = await LinkedRegion.Start("us", _usRedis.ConnectionString, peers: ("eu", _euRedis.ConnectionString, "mesh"));
        }
        catch
        {
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
    public async Task It_gets_every_service_setting_and_endpoint_its_own_included_and_tells_when_it_has_them()
    {
        ServiceName[] services = [Web, Gone, Settings, .. Many];
        foreach (var service in Many)
        {
            await Eu.Write(service, new PutSpec(new ServiceSpec { Hosts = [$"{service.Name}.example"] }), Region.Instance("api", EndpointSource.Api));
        }

        await Eu.Write(Web, new PutSpec(new ServiceSpec { Routes = [new RouteRule { Name = "a" }] }), Region.Instance("eu-1", EndpointSource.Api));
        await Eu.Write(Gone, new PutSpec(new ServiceSpec()), new DeleteService());
        await Eu.Write(Settings, new PutSpec(new ServiceSpec { NamespaceSettings = new NamespaceSettings { AllowOverride = true } }));
        await Us.Holds(Web);
        await Us.Write(Web, Region.Instance("us-1", EndpointSource.Api), new PutRule(new RouteRule { Name = "b" }));
        await LinkedRegion.Converge([Eu, Us], services);
        var before = await Task.WhenAll(services.Select(Us.Content));

        await Eu.DisposeAsync();
        _eu = null;
        await _euRedis!.RestartEmpty();
        await StartEu();

        var link = await Eventually.Yields(
            "the link tells that both hold the same",
            async () => await Eu.Link("us") is { State: RegionLinkState.Following, LagEntries: 0, InSyncAt: not null } view ? view : null,
            LinkedRegion.Patience);
        Assert.Equal(0, link.Rejected);
        Assert.Equal(before, await Task.WhenAll(services.Select(Eu.Content)));
        var view = (await Eu.Service(Web).Get())!;
        Assert.Equal([("eu", "eu-1"), ("us", "us-1")], view.Endpoints.Select(static endpoint => (endpoint.Region, endpoint.Id)));
        Assert.Null(await Eu.Service(Gone).Get());
        Assert.True((await Eu.Service(Settings).Get())!.Spec.NamespaceSettings!.AllowOverride);

        // They are its own again, to be changed by it alone.
        await Eu.Write(Web, new RemoveEndpoints(["eu-1"]));
        await LinkedRegion.Converge([Eu, Us], [Web]);
        Assert.Equal("us-1", Assert.Single((await Us.Service(Web).Get())!.Endpoints).Id);
    }

    private async Task StartEu() =>
        _eu = await LinkedRegion.Start("eu", _euRedis!.ConnectionString, peers: ("us", _usRedis!.ConnectionString, "mesh"));
}
