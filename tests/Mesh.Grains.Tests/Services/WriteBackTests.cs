using CsCheck;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Writes;
using Mesh.Grains.Regions;
using Mesh.Grains.Services;
using Mesh.Grains.Tests.Regions;

namespace Mesh.Grains.Tests.Services;

/// <summary>What a grain holds beside a store that lost some of it.</summary>
public class WriteBackTests
{
    private readonly Region _eu = new("eu");

    public WriteBackTests()
    {
        _eu.Write(new PutSpec(new ServiceSpec { Routes = [new() { Name = "a" }] }));
        _eu.Write(Region.Instance("one"));
    }

    [Fact]
    public void A_store_that_knows_all_needs_nothing() => Assert.Null(Of(_eu.Record, _eu.Record));

    [Fact]
    public void A_store_that_knows_more_needs_nothing()
    {
        var held = _eu.Record;
        _eu.Write(new DeleteRule("a"));

        Assert.Null(Of(held, _eu.Record));
    }

    [Fact]
    public void A_grain_that_holds_nothing_has_nothing_to_write() => Assert.Null(Of(ServiceRecord.Empty(Region.Service), _eu.Record));

    [Fact]
    public void An_empty_store_gets_everything_back_at_a_higher_revision()
    {
        var back = Of(_eu.Record, ServiceRecord.Empty(Region.Service))!;

        Assert.True(MeshJson.Same(_eu.Record.Spec, back.Record.Spec));
        Assert.Equal("one", Assert.Single(back.Record.EndpointsOf("eu")).Id);
        Assert.Equal(_eu.Record.Revision + 1, back.Record.Revision);
        Assert.Equal(ServiceDigest.Of(_eu.Record), ServiceDigest.Of(back.Record));
    }

    [Fact]
    public void The_spec_keeps_its_entity_tag_and_gets_its_entry_in_the_history_back()
    {
        var back = Of(_eu.Record, ServiceRecord.Empty(Region.Service))!;

        Assert.Equal(_eu.Record.SpecRevision, back.Record.SpecRevision);
        Assert.Equal(_eu.Record.SpecRevision, back.Revision!.Revision);
        Assert.Same(back.Record.Spec, back.Revision.Spec);
    }

    [Fact]
    public void A_lost_endpoint_leaves_the_history_alone()
    {
        var stored = _eu.Record;
        _eu.Write(Region.Instance("two"));

        var back = Of(_eu.Record, stored)!;

        Assert.Null(back.Revision);
        Assert.Equal(stored.SpecRevision, back.Record.SpecRevision);
        Assert.Equal(2, back.Record.EndpointsOf("eu").Count);
    }

    [Fact]
    public void A_deletion_stays_a_deletion()
    {
        var stored = _eu.Record;
        _eu.Write(new DeleteService());

        Assert.Null(Of(_eu.Record, stored)!.Record.Spec);
        Assert.Null(Of(_eu.Record, ServiceRecord.Empty(Region.Service))!.Record.Spec);
    }

    [Fact]
    public void What_was_written_after_the_loss_holds_beside_what_was_lost()
    {
        var stored = _eu.Record;
        _eu.Write(new PutRule(new RouteRule { Name = "lost" }));
        var held = _eu.Record;
        _eu.Restore(stored);
        _eu.Now += TimeSpan.FromSeconds(1);
        _eu.Write(new PutRule(new RouteRule { Name = "after" }));

        var back = Of(held, _eu.Record)!;

        Assert.Equal(["a", "after", "lost"], back.Record.Spec!.Routes.Select(static rule => rule.Name).Order());
        Assert.True(back.Record.Revision > Math.Max(held.Revision, _eu.Record.Revision));
        Assert.Equal(back.Record.Revision, back.Record.SpecRevision);
        Assert.Equal(back.Record.Revision, back.Revision!.Revision);
    }

    [Fact]
    public void A_revision_that_was_acknowledged_is_not_given_out_again()
    {
        var stored = _eu.Record with { Revision = 3 };

        var back = Of(_eu.Record with { Revision = 9 }, stored)!;

        Assert.Equal(10, back.Record.Revision);
    }

    [Fact]
    public void Of_any_two_moments_of_a_service_the_older_store_gets_all_of_the_newer_grain_and_then_needs_nothing() =>
        Gen.Select(Gen.Int[0, 18], Gen.Int[0, 7], Gen.Int[0, 99]).List[1, 40].Sample(steps =>
        {
            var history = History.Of([.. steps.Select(static step => (0, step.Item1, step.Item2, step.Item3))], new TimeSpan[3], TimeSpan.FromSeconds(5));
            var region = history.Regions[0];
            var held = region.Record;
            region.Write(new PutRule(new RouteRule { Name = "last" }));
            region.Write(Region.Instance("last"));
            var newer = region.Record;

            Assert.Null(WriteBack.Of(held, newer, region.Name, region.Now, Tombstones.Limit(region.Now, [])));
            foreach (var stored in new[] { held, ServiceRecord.Empty(Region.Service) })
            {
                var back = WriteBack.Of(newer, stored, region.Name, region.Now, Tombstones.Limit(region.Now, []))!.Record;
                Assert.True(MeshJson.Same(newer.Spec, back.Spec));
                Assert.Equal(ServiceDigest.Of(newer), ServiceDigest.Of(back));
                Assert.Null(WriteBack.Of(newer, back, region.Name, region.Now, Tombstones.Limit(region.Now, [])));
            }
        }, iter: 100);

    private WriteBack? Of(ServiceRecord held, ServiceRecord stored) =>
        WriteBack.Of(held, stored, "eu", _eu.Now, Tombstones.Limit(_eu.Now, []));
}
