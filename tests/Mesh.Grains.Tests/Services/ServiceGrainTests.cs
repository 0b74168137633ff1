using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Writes;
using Mesh.Testing;
using Mesh.Testing.Cluster;

namespace Mesh.Grains.Tests.Services;

public sealed class ServiceGrainTests : IAsyncLifetime
{
    private static readonly ServiceName Web = new("shop", "web");
    private MeshCluster _cluster = null!;

    private IServiceGrain Service => _cluster.Grains.GetGrain<IServiceGrain>(Web.ToString());

    private ICatalogGrain Catalog => _cluster.Grains.GetGrain<ICatalogGrain>(ICatalogGrain.Key);

    public async ValueTask InitializeAsync() => _cluster = await MeshCluster.Start();

    public async ValueTask DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task A_write_is_stored_and_listed_before_it_is_acknowledged()
    {
        var result = await Put(new ServiceSpec { Hosts = ["a.example"] });

        Assert.Equal(WriteStatus.Stored, result.Status);
        Assert.Equal(["a.example"], (await _cluster.Store.Read(Web))!.Spec!.Hosts);
        Assert.Equal(Web, (await Catalog.Resolve("default", "a.example")).Service);
        Assert.Equal(Web, Assert.Single(await Catalog.List("shop")).Service);
    }

    [Fact]
    public async Task A_dry_run_stores_nothing()
    {
        var result = await Service.Write(new WriteRequest { Command = new PutSpec(new ServiceSpec()), Author = "test", DryRun = true });

        Assert.Equal((WriteStatus.Stored, true, 1L), (result.Status, result.Created, result.ResourceRevision));
        Assert.Null(await Service.Get());
        Assert.Equal(0, _cluster.Store.Writes);
    }

    [Fact]
    public async Task Without_the_store_a_write_fails_and_reads_go_on()
    {
        await Put(new ServiceSpec());
        _cluster.Store.IsDown = true;

        await Assert.ThrowsAsync<StoreUnavailableException>(() => Put(new ServiceSpec { Ports = [1] }));

        Assert.Equal(1, (await Service.Get())!.Revision);
    }

    [Fact]
    public async Task A_write_whose_answer_got_lost_is_not_done_twice()
    {
        await Put(new ServiceSpec());
        _cluster.Store.LosesNextAnswer = true;
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Put(new ServiceSpec { Ports = [1] }));

        var again = await Put(new ServiceSpec { Ports = [1] });

        Assert.Equal(WriteStatus.Unchanged, again.Status);
        Assert.Equal(2, (await Service.Get())!.Revision);
    }

    [Fact]
    public async Task What_another_activation_stored_is_built_upon()
    {
        await Put(new ServiceSpec());
        var record = (await _cluster.Store.Read(Web))!;
        _cluster.Store.Overwrite(WrittenElsewhere(record));

        var result = await Service.Write(new WriteRequest { Command = new PutRule(new() { Name = "mine" }), Author = "test" });

        Assert.Equal(3, result.ResourceRevision);
        Assert.Equal(["theirs.example"], result.Service!.Spec.Hosts);
    }

    [Fact]
    public async Task And_is_found_when_nobody_asks_for_a_write()
    {
        await Put(new ServiceSpec());
        var record = (await _cluster.Store.Read(Web))!;

        _cluster.Store.Overwrite(WrittenElsewhere(record), isTold: true);

        await Eventually.Holds("the grain has what the other one stored", async () => (await Service.Get())!.Spec.Hosts is ["theirs.example"]);
    }

    [Fact]
    public async Task State_survives_a_deactivation()
    {
        await Put(new ServiceSpec { Hosts = ["a.example"] });

        await _cluster.Cluster.DeactivateAsync(Service);

        Assert.Equal(["a.example"], (await Service.Get())!.Spec.Hosts);
    }

    [Fact]
    public async Task A_rollback_restores_a_spec_and_is_a_revision_itself()
    {
        await Put(new ServiceSpec { Hosts = ["one.example"] });
        await Put(new ServiceSpec { Hosts = ["two.example"] });

        var result = await Service.Write(new WriteRequest { Command = new Rollback(1), Author = "anna" });

        Assert.Equal(["one.example"], result.Service!.Spec.Hosts);
        var revisions = await Service.GetRevisions();
        Assert.Equal([3L, 2L, 1L], revisions.Select(revision => revision.Revision));
        Assert.Equal(("roll back to 1", "anna"), (revisions[0].Change, revisions[0].Author));
        Assert.Equal(WriteStatus.NotFound, (await Service.Write(new WriteRequest { Command = new Rollback(9), Author = "anna" })).Status);
    }

    [Fact]
    public async Task A_revision_says_who_made_it_and_from_where()
    {
        var request = new WriteRequest { Command = new PutSpec(new ServiceSpec()), Author = "api", By = "token:ci", From = "10.0.0.7" };
        await Service.Write(request);
        await Put(new ServiceSpec { Ports = [1] });
        await Service.Write(request with { Command = new Rollback(1), By = "jwt:anna" });

        var revisions = await Service.GetRevisions();
        Assert.Equal(
            [("jwt:anna", "10.0.0.7"), (null, null), ("token:ci", "10.0.0.7")],
            revisions.Select(static revision => (revision.By, revision.From)));
        Assert.Equal("jwt:anna", (await Service.GetRevision(3))!.By);
    }

    private static Grains.Services.ServiceRecord WrittenElsewhere(Grains.Services.ServiceRecord record) => Grains.Services.ServiceReducer.Apply(
        record, new PutSpec(new ServiceSpec { Hosts = ["theirs.example"] }), Precondition.None, "local", TimeProvider.System.GetUtcNow()).Record;

    private Task<WriteResult> Put(ServiceSpec spec) => Service.Write(new WriteRequest { Command = new PutSpec(spec), Author = "test" });
}
