using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Writes;
using Mesh.Grains.Tests.Regions;
using Mesh.Testing;
using Mesh.Testing.Cluster;

namespace Mesh.Grains.Tests.Services;

/// <summary>The store loses writes under a running silo.</summary>
public sealed class StoreLossTests : IAsyncLifetime
{
    private static readonly ServiceName Web = new("shop", "web");
    private MeshCluster _cluster = null!;

    private IServiceGrain Service => _cluster.Grains.GetGrain<IServiceGrain>(Web.ToString());

    private ICatalogGrain Catalog => _cluster.Grains.GetGrain<ICatalogGrain>(ICatalogGrain.Key);

    public async ValueTask InitializeAsync() => _cluster = await MeshCluster.Start();

    public async ValueTask DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task An_emptied_store_is_filled_again_with_what_grains_hold_without_being_asked()
    {
        var services = Enumerable.Range(0, 50).Select(static i => new ServiceName("many", $"service-{i}")).ToList();
        foreach (var service in services)
        {
            await Put(service, new PutSpec(new ServiceSpec { Hosts = [$"{service.Name}.example"] }));
            await Put(service, Region.Instance("one"));
        }

        await Eventually.Holds("the silo has seen the store", async () => await IsSettled(services));
        _cluster.Store.Flush();

        await Eventually.Holds("the store has everything again", async () => await IsSettled(services));
        var view = (await _cluster.Grains.GetGrain<IServiceGrain>(services[7].ToString()).Get())!;
        Assert.Equal(3, view.Revision);
        Assert.Single(view.Endpoints);
    }

    [Fact]
    public async Task A_write_that_meets_the_emptied_store_takes_nothing_away()
    {
        await Put(Web, new PutSpec(new ServiceSpec()));
        var acknowledged = await Put(Web, new PutRule(new() { Name = "before" }));
        _cluster.Store.Flush();

        var after = await Put(Web, new PutRule(new() { Name = "after" }));

        Assert.Equal(["before", "after"], after.Service!.Spec.Routes.Select(static rule => rule.Name));
        Assert.True(after.Service.Revision > acknowledged.Service!.Revision);
        Assert.Equal(["before", "after"], (await _cluster.Store.Read(Web))!.Spec!.Routes.Select(static rule => rule.Name));
    }

    [Fact]
    public async Task A_store_that_went_back_gets_the_lost_write_back()
    {
        await Put(Web, new PutSpec(new ServiceSpec()));
        var older = (await _cluster.Store.Read(Web))!;
        await Put(Web, new PutRule(new() { Name = "lost" }));
        _cluster.Store.Overwrite(older);

        await Service.Refresh();

        Assert.Equal("lost", Assert.Single((await _cluster.Store.Read(Web))!.Spec!.Routes).Name);
        Assert.Equal("lost", Assert.Single((await Service.Get())!.Spec.Routes).Name);
    }

    [Fact]
    public async Task Meanwhile_the_catalog_goes_on_with_what_it_knew()
    {
        await Put(Web, new PutSpec(new ServiceSpec { Hosts = ["a.example"] }));
        await Eventually.Holds("the catalog has it", async () => (await Catalog.Resolve("default", "a.example")).Service == Web);
        _cluster.Store.Flush();

        await Eventually.Holds("it is written back", async () => await _cluster.Store.Read(Web) is not null);

        Assert.Equal(Web, (await Catalog.Resolve("default", "a.example")).Service);
        Assert.Empty(await Catalog.FindMissing([Web]));
    }

    [Fact]
    public async Task A_record_of_an_older_form_is_written_anew_once()
    {
        await Put(Web, new PutSpec(new ServiceSpec()));
        var record = (await _cluster.Store.Read(Web))!;
        _cluster.Store.Overwrite(record with { Format = 1, Registers = new Dictionary<string, Grains.Regions.Register>() });

        await Service.Refresh();
        await Service.Refresh();

        var stored = (await _cluster.Store.Read(Web))!;
        Assert.Equal(Grains.Services.ServiceRecord.BasicFormat, stored.Format);
        Assert.NotEmpty(stored.Registers);
        Assert.Equal((await Service.Get())!.Revision, stored.Revision);
        Assert.True(stored.Revision <= record.Revision + 2);
    }

    private async Task<bool> IsSettled(IEnumerable<ServiceName> services)
    {
        foreach (var service in services)
        {
            var held = await _cluster.Grains.GetGrain<IServiceGrain>(service.ToString()).Get();
            if (await _cluster.Store.Read(service) is not { } stored || stored.Revision != held?.Revision)
            {
                return false;
            }
        }

        return true;
    }

    private async Task<WriteResult> Put(ServiceName service, ServiceCommand command)
    {
        var result = await _cluster.Grains.GetGrain<IServiceGrain>(service.ToString()).Write(new WriteRequest { Command = command, Author = "test" });
        Assert.Equal(WriteStatus.Stored, result.Status);
        return result;
    }
}
