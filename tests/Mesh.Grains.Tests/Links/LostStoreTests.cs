using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Writes;
using Mesh.Grains.Storage;
using Mesh.Grains.Tests.Regions;
using Mesh.Testing;

namespace Mesh.Grains.Tests.Links;

/// <summary>A region without peers whose Redis forgets, while its silo runs.</summary>
public sealed class LostStoreTests : IAsyncLifetime
{
    private static readonly ServiceName Web = new("shop", "web");
    private static readonly ServiceName Gone = new("shop", "gone");
    private static readonly ServiceName Settings = NamespaceSettings.Of("shop");
    private static readonly IReadOnlyList<ServiceName> Many = [.. Enumerable.Range(0, 100).Select(static i => new ServiceName("many", $"service-{i}"))];

    private RedisServer? _redis;
    private LinkedRegion? _region;

    public enum Loss
    {
        Flushed,
        RestartedEmpty,
        RestoredFromAnOlderCopy,
    }

    private LinkedRegion Eu => _region!;

    public async ValueTask InitializeAsync()
    {
        try
        {
            _redis = await RedisServer.Start();
            _region = await LinkedRegion.Start("eu", _redis.ConnectionString);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_region is not null)
        {
            await _region.DisposeAsync();
        }

        _redis?.Dispose();
    }

    [Theory]
    [InlineData(Loss.Flushed)]
    [InlineData(Loss.RestartedEmpty)]
    [InlineData(Loss.RestoredFromAnOlderCopy)]
    public async Task Everything_the_silo_holds_comes_back_without_being_asked_for(Loss loss)
    {
        ServiceName[] services = [Web, Gone, Settings, .. Many];
        foreach (var service in Many)
        {
            await Eu.Write(service, new PutSpec(new ServiceSpec { Hosts = [$"{service.Name}.example"] }), Region.Instance("one"));
        }

        await _redis!.Command("SAVE");
        await Eu.Write(Web, new PutSpec(new ServiceSpec { Routes = [new RouteRule { Name = "a" }] }), Region.Instance("api", EndpointSource.Api));
        await Eu.Write(Web, new DeleteRule("a"), new PutRule(new RouteRule { Name = "b" }));
        await Eu.Write(Gone, new PutSpec(new ServiceSpec()), new DeleteService());
        await Eu.Write(Settings, new PutSpec(new ServiceSpec { NamespaceSettings = new NamespaceSettings { AllowOverride = true } }));
        await Eu.Write(Many[3], new DeleteService());
        var before = await Task.WhenAll(services.Select(Eu.Content));
        var known = await Task.WhenAll(services.Select(Revision));

        await Lose(loss);

        await Eventually.Holds(
            "the store holds all of it again",
            async () => (await Task.WhenAll(services.Select(Eu.Content))).SequenceEqual(before),
            LinkedRegion.Patience);
        var after = await Task.WhenAll(services.Select(Revision));
        Assert.All(after.Zip(known), static pair => Assert.True(pair.First >= pair.Second, $"revision {pair.First} after {pair.Second}"));
        Assert.Null(await Eu.Service(Gone).Get());
        Assert.Equal(["b"], (await Eu.Service(Web).Get())!.Spec.Routes.Select(static rule => rule.Name));
        await Eventually.Holds("the log, the catalog and the digests are of all services too", async () =>
        {
            var entries = (await Eu.Store.ReadCatalog(CatalogCursor.Start)).Entries;
            var lacking = await Eu.Store.FindWithoutDigest(TestContext.Current.CancellationToken).CountAsync();
            return lacking == 0 && services.All(service => entries.Any(entry => entry.Service == service));
        });
        var revision = Assert.Single(await Eu.Service(Web).GetRevisions(), static entry => entry.Author == "store");
        await Eu.Write(Web, new PutRule(new RouteRule { Name = "later" }), new Rollback(revision.Revision));
        Assert.Equal(["b"], (await Eu.Service(Web).Get())!.Spec.Routes.Select(static rule => rule.Name));
    }

    [Theory]
    [InlineData(Loss.Flushed)]
    [InlineData(Loss.RestoredFromAnOlderCopy)]
    public async Task What_is_acknowledged_around_the_loss_is_there_afterwards(Loss loss)
    {
        var services = Many.Take(8).ToList();
        await Task.WhenAll(services.Select(service => Eu.Write(service, new PutSpec(new ServiceSpec()))));
        await _redis!.Command("SAVE");
        var isLost = false;
        var writers = services.Select(async service =>
        {
            var (acknowledged, last) = (new List<string>(), 0L);
            for (var i = 0; i < 40 || (!Volatile.Read(ref isLost) && i < 400); i++)
            {
                try
                {
                    var rule = $"rule-{i}";
                    var result = await Eu.Service(service).Write(new WriteRequest { Command = new PutRule(new RouteRule { Name = rule }), Author = "test" });
                    acknowledged.Add(rule);
                    Assert.True(result.Service!.Revision > last, $"revision {result.Service.Revision} after {last}");
                    last = result.Service.Revision;
                }
                catch (Abstractions.Grains.StoreUnavailableException)
                {
                    // Refused: the server restarts.
                    await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
                }
            }

            return acknowledged;
        }).ToList();

        await Lose(loss);
        Volatile.Write(ref isLost, true);

        foreach (var (service, acknowledged) in services.Zip(await Task.WhenAll(writers)))
        {
            await Eventually.Holds($"the store has all that {service} acknowledged", async () =>
                await Eu.Store.Read(service) is { Spec: { } spec } && !acknowledged.Except(spec.Routes.Select(static rule => rule.Name)).Any());
        }
    }

    private async Task<long> Revision(ServiceName service) => (await Eu.Store.Read(service))!.Revision;

    private Task Lose(Loss loss) => loss switch
    {
        Loss.Flushed => _redis!.Command("FLUSHALL"),
        Loss.RestartedEmpty => _redis!.RestartEmpty(),
        _ => _redis!.Restart(),
    };
}
