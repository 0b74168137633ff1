using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Writes;
using Mesh.Grains.Regions;

namespace Mesh.Grains.Tests.Regions;

/// <summary>Regions that lost their store, or were away for so long that deletions have been collected meanwhile.</summary>
public class LossTests
{
    private static readonly TimeSpan Long = Tombstones.Retention + TimeSpan.FromDays(1);
    private readonly Region _eu = new("eu");
    private readonly Region _us = new("us");

    public LossTests()
    {
        _eu.Write(new PutSpec(new ServiceSpec { Protocol = ServiceProtocol.Grpc, Routes = [new() { Name = "a" }, new() { Name = "b" }] }));
        _us.Hear(_eu);
        _us.Write(Region.Instance("side"));
        _us.Write(Region.Instance("made", EndpointSource.Api));
        Region.Settle(_eu, _us);
        Pass(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void A_region_that_lost_its_store_refills_from_its_peer()
    {
        var before = _us.SnapshotBytes();
        var revision = _us.Record.EndpointsOf("us").Max(static endpoint => endpoint.Revision);
        _us.Restore();

        _us.Hear(_eu);

        Assert.Equal(before, _us.SnapshotBytes());
        Assert.True(_us.Record.Revision >= revision);
        Assert.False(_eu.Hear(_us).IsChanged);
    }

    [Fact]
    public void Instances_that_register_before_that_take_nothing_away()
    {
        _us.Restore();
        _us.Write(Region.Instance("new"));
        _eu.Hear(_us);

        Region.Settle(_eu, _us);

        Assert.Equal(ServiceProtocol.Grpc, _eu.Spec.Protocol);
        Assert.Equal(["a", "b"], _us.Rules);
        Assert.Equal(["made", "new", "side"], _eu.Record.EndpointsOf("us").Select(static endpoint => endpoint.Id));
        Assert.Equal(_eu.SnapshotBytes(), _us.SnapshotBytes());
    }

    [Fact]
    public void An_administrators_write_before_that_holds_beside_what_the_peer_kept()
    {
        _us.Restore();
        _us.Write(new PutSpec(new ServiceSpec { Protocol = ServiceProtocol.Http2, Routes = [new() { Name = "z" }] }));

        Region.Settle(_eu, _us);

        Assert.Equal(ServiceProtocol.Http2, _eu.Spec.Protocol);
        Assert.Equal(["a", "b", "z"], _eu.Rules.Order());
    }

    [Fact]
    public void Writes_lost_in_a_failover_come_back_from_the_peer()
    {
        var old = _us.Record;
        _us.Write(new PutRule(new RouteRule { Name = "c" }));
        _us.Write(new DeleteRule("b"));
        _eu.Hear(_us);
        _us.Restore(old);
        _us.Write(new PutRule(new RouteRule { Name = "d" }));

        Region.Settle(_eu, _us);

        Assert.Equal(["a", "c", "d"], _us.Rules.Order());
        Assert.Equal(_eu.SnapshotBytes(), _us.SnapshotBytes());
    }

    [Fact]
    public void A_deletion_is_remembered_for_its_time_and_then_collected()
    {
        _eu.Write(new DeleteRule("b"));
        Pass(Long - TimeSpan.FromDays(2));
        _eu.Write(new PutRule(new RouteRule { Name = "c" }));
        Assert.Contains("routes/b", _eu.Record.Registers.Keys);

        Pass(TimeSpan.FromDays(2));
        _eu.Write(new PutRule(new RouteRule { Name = "d" }));

        Assert.DoesNotContain(_eu.Record.Registers.Keys, static key => key.EndsWith("/b", StringComparison.Ordinal));
        Assert.DoesNotContain("order/b", _eu.Record.Positions.Keys);
        Assert.Equal(["a", "c", "d"], _eu.Rules);
    }

    [Fact]
    public void Nothing_is_collected_that_a_peer_which_is_away_may_not_have_heard_of()
    {
        var gone = Region.Start.AddMinutes(1);
        var record = _eu.Write(new DeleteRule("b")).Record;

        var kept = Tombstones.Collect(record, Tombstones.Limit(_eu.Now + Long, [_eu.Now + Long, gone]));
        var collected = Tombstones.Collect(record, Tombstones.Limit(_eu.Now + Long, [_eu.Now + Long]));

        Assert.Same(record, kept);
        Assert.DoesNotContain("routes/b", collected.Registers.Keys);
    }

    [Fact]
    public void A_region_back_after_longer_cannot_bring_back_what_was_deleted()
    {
        _eu.Write(new DeleteRule("b"));
        Pass(Long);
        _eu.Write(new PutRule(new RouteRule { Name = "c" }));
        _us.Write(new PutRule(new RouteRule { Name = "d" }));

        var lost = _us.Hear(_eu).Conflicts;
        Region.Settle(_eu, _us);

        Assert.Equal(["a", "c", "d"], _eu.Rules.Order());
        Assert.Equal(["a", "c", "d"], _us.Rules.Order());
        var conflict = Assert.Single(lost);
        Assert.Equal("routes/b", conflict.Register);
        Assert.Null(conflict.Kept);
        Assert.Equal("b", conflict.Lost.Value!.Value.GetProperty("name").GetString());
    }

    [Fact]
    public void A_deletion_that_a_peer_has_collected_goes_without_a_word()
    {
        _eu.Write(new DeleteRule("b"));
        Region.Settle(_eu, _us);
        _eu.Restore(Tombstones.Collect(_eu.Record, _eu.Now + Long));

        var heard = _us.Hear(_eu);

        Assert.Empty(heard.Conflicts);
        Assert.Null(heard.Change);
        Assert.DoesNotContain("routes/b", _us.Record.Registers.Keys);
        Assert.False(_eu.Hear(_us).IsChanged);
    }

    [Fact]
    public void Its_later_edit_of_what_was_deleted_holds()
    {
        _eu.Write(new DeleteRule("b"));
        Pass(Long);
        _eu.Write(new PutRule(new RouteRule { Name = "c" }));
        _us.Write(new PutRule(new RouteRule { Name = "b", Timeouts = new RouteTimeouts { Request = TimeSpan.FromSeconds(1) } }));

        Region.Settle(_eu, _us);

        Assert.Equal(["a", "b", "c"], _eu.Rules.Order());
        Assert.Equal(_eu.SnapshotBytes(), _us.SnapshotBytes());
    }

    [Fact]
    public void The_collected_deletion_of_a_service_is_final_for_it()
    {
        _eu.Write(new DeleteService());
        Pass(Long);
        _eu.Restore(Tombstones.Collect(_eu.Record, Tombstones.Limit(_eu.Now, [])));
        Assert.Null(_eu.Record.Remains);
        _us.Write(new PutRule(new RouteRule { Name = "c" }));

        var heard = _us.Hear(_eu);
        Region.Settle(_eu, _us);

        Assert.Null(_us.Record.Spec);
        Assert.Empty(_us.Record.AllEndpoints());
        Assert.Null(_eu.Record.Spec);
        Assert.Equal("exists", Assert.Single(heard.Conflicts).Register);
    }

    [Fact]
    public void And_does_not_end_the_service_that_was_made_since()
    {
        var away = new Region("ap");
        Region.Settle(_eu, _us, away);
        _eu.Write(new DeleteService());
        Region.Settle(_eu, _us, away);
        _us.Write(new PutSpec(new ServiceSpec { Routes = [new() { Name = "b" }, new() { Name = "n" }] }));
        _eu.Hear(_us);
        Pass(Long);
        away.Now = _eu.Now;
        away.Restore(Tombstones.Collect(away.Record, Tombstones.Limit(away.Now, [])));

        Region.Settle(_eu, _us, away);

        Assert.Equal(["b", "n"], away.Rules);
        Assert.Equal(["b", "n"], _us.Rules);
    }

    [Fact]
    public void A_service_made_again_after_that_gets_nothing_of_the_old_one_from_it()
    {
        _eu.Write(new DeleteService());
        Pass(Long);
        _eu.Restore(Tombstones.Collect(_eu.Record, Tombstones.Limit(_eu.Now, [])));
        _eu.Write(new PutSpec(new ServiceSpec { Routes = [new() { Name = "n" }] }));

        Region.Settle(_eu, _us);

        Assert.Equal(["n"], _us.Rules);
        Assert.Equal(ServiceProtocol.Http, _eu.Spec.Protocol);
    }

    private void Pass(TimeSpan time)
    {
        _eu.Now += time;
        _us.Now += time;
    }
}
