using System.Text;
using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Writes;
using Mesh.Grains.Tests.Regions;
using Mesh.Testing.Cluster;
using Orleans.Concurrency;

namespace Mesh.Grains.Tests.Services;

public sealed class ServiceGrainMergeTests : IAsyncLifetime
{
    private readonly Region _peer = new("us");
    private MeshCluster _cluster = null!;

    private IServiceGrain Service => _cluster.Grains.GetGrain<IServiceGrain>(Region.Service.ToString());

    public async ValueTask InitializeAsync()
    {
        _cluster = await MeshCluster.Start();
        _peer.Now = TimeProvider.System.GetUtcNow();
        _peer.Write(new PutSpec(new ServiceSpec { Hosts = ["web.example"], Routes = [new RouteRule { Name = "a" }] }));
        _peer.Write(Region.Instance("i"));
    }

    public async ValueTask DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task A_peers_service_exists_here_once_it_is_merged()
    {
        var reply = await Merge();

        Assert.True(reply.IsChanged);
        var view = (await Service.Get())!;
        Assert.Equal((1, 1), (view.Revision, view.SpecRevision));
        Assert.Equal("us", Assert.Single(view.Endpoints).Region);
        Assert.Equal(["web.example"], (await _cluster.Store.Read(Region.Service))!.Spec!.Hosts);
        var catalog = _cluster.Grains.GetGrain<ICatalogGrain>(ICatalogGrain.Key);
        Assert.Equal(Region.Service, (await catalog.Resolve("default", "web.example")).Service);
        Assert.Equal("region:us", Assert.Single(await Service.GetRevisions()).Author);
    }

    [Fact]
    public async Task What_is_known_is_not_written_again()
    {
        await Merge();

        var again = await Merge();

        Assert.False(again.IsChanged);
        Assert.Equal(1, _cluster.Store.Writes);
    }

    [Fact]
    public async Task A_conflict_shows_in_the_revisions_with_both_values()
    {
        await Merge();
        _peer.Write(new PutRule(Rule(1)));
        _peer.Now += TimeSpan.FromMinutes(5);
        await Write(new PutRule(Rule(2)));

        var reply = await Merge();

        Assert.Equal(1, reply.Conflicts);
        var revision = (await Service.GetRevisions())[0];
        var conflict = Assert.Single(revision.Conflicts!);
        Assert.Equal(("routes/a", "local", "us"), (conflict.Register, conflict.Kept!.Region, conflict.Lost.Region));
        Assert.Equal("1s", conflict.Lost.Value!.Value.GetProperty("timeouts").GetProperty("request").GetString());
        Assert.Equal(TimeSpan.FromSeconds(2), (await Service.Get())!.Spec.Routes[0].Timeouts!.Request);
    }

    [Fact]
    public async Task A_merge_builds_upon_what_another_activation_stored()
    {
        await Write(new PutSpec(new ServiceSpec()));
        var other = new Region("local");
        other.Restore((await _cluster.Store.Read(Region.Service))!);
        other.Now = _peer.Now + TimeSpan.FromMinutes(1);
        other.Write(new PutRule(new RouteRule { Name = "theirs" }));
        _cluster.Store.Overwrite(other.Record);

        await Merge();

        Assert.Equal(["a", "theirs"], (await Service.Get())!.Spec.Routes.Select(static rule => rule.Name).Order());
    }

    [Fact]
    public async Task A_merge_without_the_store_fails_and_is_done_when_it_is_back()
    {
        await Write(new PutSpec(new ServiceSpec()));
        _cluster.Store.IsDown = true;
        await Assert.ThrowsAsync<StoreUnavailableException>(Merge);
        _cluster.Store.IsDown = false;

        Assert.True((await Merge()).IsChanged);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("""{"format":1,"service":"shop/other","revision":1,"specRevision":1,"updatedAt":"2026-03-01T12:00:00+00:00"}""")]
    [InlineData("""{"format":99,"service":"shop/web","revision":1,"specRevision":1,"updatedAt":"2026-03-01T12:00:00+00:00"}""")]
    public async Task What_is_no_record_of_the_service_is_refused(string record)
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => Service.Merge("us", new Immutable<byte[]>(Encoding.UTF8.GetBytes(record))));

        Assert.Equal(0, _cluster.Store.Writes);
    }

    private Task<MergeReply> Merge() => Service.Merge("us", new Immutable<byte[]>(MeshJson.Encode(_peer.Record)));

    private Task<WriteResult> Write(ServiceCommand command) => Service.Write(new WriteRequest { Command = command, Author = "test" });

    private static RouteRule Rule(int seconds) => new() { Name = "a", Timeouts = new RouteTimeouts { Request = TimeSpan.FromSeconds(seconds) } };
}
