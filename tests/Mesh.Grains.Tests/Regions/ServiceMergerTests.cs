using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Abstractions.Writes;

namespace Mesh.Grains.Tests.Regions;

public class ServiceMergerTests
{
    private readonly Region _eu = new("eu");
    private readonly Region _us = new("us");

    public ServiceMergerTests()
    {
        _eu.Write(new PutSpec(new ServiceSpec { Hosts = ["web.example"], Protocol = ServiceProtocol.Grpc, Routes = [Rule("a"), Rule("b"), Rule("c")] }));
        Region.Settle(_eu, _us);
        Pass(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Edits_of_different_parts_all_hold()
    {
        _eu.Write(new PutRule(Rule("a", 1)));
        _eu.Write(new PutTraffic(new TrafficPolicy { RetryBudget = new() }));
        _us.Write(new PutRule(Rule("d")));
        _us.Write(new DeleteRule("c"));
        _us.Write(new PutSpec(_us.Spec with { Hosts = ["other.example", "web.example"], Ports = [80] }));

        Region.Settle(_eu, _us);

        Assert.Equal(["a", "b", "d"], _eu.Rules);
        Assert.Equal(TimeSpan.FromSeconds(1), _us.Spec.Routes[0].Timeouts!.Request);
        Assert.NotNull(_us.Spec.Traffic.RetryBudget);
        Assert.Equal(["other.example", "web.example"], _eu.Spec.Hosts);
        Assert.Equal([80], _eu.Spec.Ports);
        Assert.Empty(_eu.Merges.Concat(_us.Merges).SelectMany(static merge => merge.Conflicts));
        Assert.Equal(_eu.SnapshotBytes(), _us.SnapshotBytes());
    }

    [Fact]
    public void Of_two_edits_of_one_rule_the_later_holds_and_both_regions_tell_both()
    {
        _eu.Write(new PutRule(Rule("a", 1)));
        Pass(TimeSpan.FromSeconds(1));
        _us.Write(new PutRule(Rule("a", 2)));

        Region.Settle(_eu, _us);

        foreach (var region in (Region[])[_eu, _us])
        {
            Assert.Equal(TimeSpan.FromSeconds(2), region.Spec.Routes[0].Timeouts!.Request);
            var merge = Assert.Single(region.Merges, static merge => merge.Conflicts.Count > 0);
            var conflict = Assert.Single(merge.Conflicts);
            Assert.Equal(("routes/a", "us", "eu"), (conflict.Register, conflict.Kept!.Region, conflict.Lost.Region));
            Assert.Equal("1s", conflict.Lost.Value!.Value.GetProperty("timeouts").GetProperty("request").GetString());
            Assert.Equal("2s", conflict.Kept.Value!.Value.GetProperty("timeouts").GetProperty("request").GetString());
            Assert.NotNull(merge.Change);
        }
    }

    [Fact]
    public void An_edit_that_knew_the_other_is_no_conflict()
    {
        for (var i = 1; i < 6; i++)
        {
            var (writer, reader) = i % 2 == 0 ? (_eu, _us) : (_us, _eu);
            writer.Write(new PutRule(Rule("a", i)));
            writer.Write(new PutRule(Rule("a", i * 10)));
            reader.Hear(writer);
        }

        Region.Settle(_eu, _us);

        Assert.Empty(_eu.Merges.Concat(_us.Merges).SelectMany(static merge => merge.Conflicts));
    }

    [Fact]
    public void A_conflict_is_told_once_however_often_the_loser_is_heard_of()
    {
        _us.Write(new PutRule(Rule("a", 1)));
        var late = _us.Record;
        Pass(TimeSpan.FromSeconds(1));
        _eu.Write(new PutRule(Rule("a", 2)));

        Assert.Single(_eu.Hear(late, "us").Conflicts);
        Assert.False(_eu.Hear(late, "us").IsChanged);
        _eu.Write(new PutRule(Rule("a", 3)));
        Assert.False(_eu.Hear(late, "us").IsChanged);
        Assert.Single(_us.Hear(_eu).Conflicts);
        Assert.False(_us.Hear(_eu).IsChanged);
    }

    [Fact]
    public void The_same_edit_made_twice_is_no_conflict()
    {
        _eu.Write(new PutRule(Rule("a", 1)));
        _us.Write(new PutRule(Rule("a", 1)));

        Region.Settle(_eu, _us);

        Assert.Empty(_eu.Merges.Concat(_us.Merges).SelectMany(static merge => merge.Conflicts));
    }

    [Fact]
    public void A_reordered_list_keeps_its_order_and_what_others_add_finds_its_place()
    {
        _eu.Write(new PutSpec(_eu.Spec with { Routes = [Rule("c"), Rule("a"), Rule("b")] }));
        _us.Write(new PutSpec(_us.Spec with { Routes = [Rule("a"), Rule("x"), Rule("b"), Rule("c")] }));
        _us.Write(new PutRule(Rule("y")));

        Region.Settle(_eu, _us);

        Assert.Equal(["c", "a", "x", "b", "y"], _eu.Rules);
        Assert.Equal(["c", "a", "x", "b", "y"], _us.Rules);
    }

    [Fact]
    public void A_later_edit_brings_a_deleted_service_back_whole()
    {
        _eu.Write(new DeleteService());
        Pass(TimeSpan.FromSeconds(1));
        _us.Write(new PutRule(Rule("b", 5)));

        Region.Settle(_eu, _us);

        Assert.Equal(["a", "b", "c"], _eu.Rules);
        Assert.Equal(ServiceProtocol.Grpc, _eu.Spec.Protocol);
        Assert.Equal(["web.example"], _eu.Spec.Hosts);
        var conflict = Assert.Single(_eu.Merges.SelectMany(static merge => merge.Conflicts));
        Assert.Equal(("exists", true, false), (conflict.Register, conflict.Kept!.Value!.Value.GetBoolean(), conflict.Lost.Value!.Value.GetBoolean()));
    }

    [Fact]
    public void An_earlier_edit_does_not_and_neither_does_an_instance()
    {
        _us.Write(new PutRule(Rule("b", 5)));
        Pass(TimeSpan.FromSeconds(1));
        _eu.Write(new DeleteService());
        Pass(TimeSpan.FromSeconds(1));
        _us.Write(Region.Instance("i"));

        Region.Settle(_eu, _us);

        Assert.Null(_eu.Record.Spec);
        Assert.Null(_us.Record.Spec);
        Assert.Empty(_us.Record.AllEndpoints());
    }

    [Fact]
    public void An_endpoint_an_administrator_adds_later_brings_the_service_back()
    {
        _eu.Write(new DeleteService());
        Pass(TimeSpan.FromSeconds(1));
        _us.Write(Region.Instance("i", EndpointSource.Api));

        Region.Settle(_eu, _us);

        Assert.Equal("i", Assert.Single(_eu.Record.AllEndpoints()).Id);
        Assert.Equal(["a", "b", "c"], _eu.Rules);
    }

    [Fact]
    public void A_service_made_again_has_nothing_of_the_old_one()
    {
        _us.Write(Region.Instance("i", EndpointSource.Api));
        Region.Settle(_eu, _us);
        _eu.Write(new DeleteService());
        _eu.Write(new PutSpec(new ServiceSpec { Routes = [Rule("b")] }));

        Region.Settle(_eu, _us);

        Assert.Equal(["b"], _us.Rules);
        Assert.Empty(_us.Spec.Hosts);
        Assert.Equal(ServiceProtocol.Http, _us.Spec.Protocol);
    }

    [Fact]
    public void A_region_that_hears_of_a_deletion_drops_its_endpoints_and_its_sidecars_register_anew()
    {
        _us.Write(Region.Instance("i"));
        Region.Settle(_eu, _us);
        _eu.Write(new DeleteService());

        Region.Settle(_eu, _us);

        Assert.Empty(_us.Record.EndpointsOf("us"));
        Assert.False(Grains.Services.ServiceReducer.IsRegistered(_us.Record, "i", Region.Instance("i").Endpoint, "us"));
        _us.Write(Region.Instance("i"));
        Region.Settle(_eu, _us);
        Assert.Empty(_eu.Rules);
        Assert.Equal("us", Assert.Single(_eu.Record.AllEndpoints()).Region);
    }

    [Fact]
    public void Endpoints_travel_with_their_owners_and_take_part_in_no_conflict()
    {
        _eu.Write(Region.Instance("i"));
        _us.Write(Region.Instance("i"));
        _us.Write(new DrainEndpoint("i"));

        Region.Settle(_eu, _us);

        Assert.Equal([("eu", EndpointState.Ready), ("us", EndpointState.Draining)], _eu.Record.AllEndpoints().Select(static endpoint => (endpoint.Region, endpoint.State)));
        Assert.Equal(_eu.SnapshotBytes(), _us.SnapshotBytes());
        Assert.All(_eu.Merges.Concat(_us.Merges), static merge => Assert.Null(merge.Conflicts.Count == 0 && merge.Record.SpecRevision != merge.Record.Revision ? merge.Change : null));
    }

    [Fact]
    public void Revisions_are_each_regions_own_and_move_only_with_news()
    {
        var before = _us.Record;
        Assert.False(_us.Hear(_eu).IsChanged);
        Assert.Equal(before.Revision, _us.Record.Revision);

        _eu.Write(Region.Instance("i"));
        _us.Hear(_eu);
        Assert.Equal((before.Revision + 1, before.SpecRevision), (_us.Record.Revision, _us.Record.SpecRevision));

        _eu.Write(new DeleteRule("a"));
        _us.Hear(_eu);
        Assert.Equal((before.Revision + 2, before.Revision + 2), (_us.Record.Revision, _us.Record.SpecRevision));
    }

    [Theory]
    [InlineData(-5)]
    [InlineData(5)]
    public void A_clock_that_is_hours_off_is_reported_and_later_writes_still_hold(int hours)
    {
        _eu.Now += TimeSpan.FromHours(hours);
        _eu.Write(new PutRule(Rule("a", 1)));
        var heard = _us.Hear(_eu);
        _us.Write(new PutRule(Rule("a", 2)));
        _us.Write(new PutRule(Rule("d")));
        Region.Settle(_eu, _us);
        _eu.Write(new DeleteRule("d"));

        Region.Settle(_eu, _us);

        Assert.Equal(hours > 0, heard.ClockLead > TimeSpan.FromHours(4));
        Assert.Equal(TimeSpan.FromSeconds(2), _eu.Spec.Routes[0].Timeouts!.Request);
        Assert.Equal(["a", "b", "c"], _us.Rules);
        Assert.InRange(_us.Record.Clock.ToDateTimeOffset(), _us.Now, _us.Now.AddMinutes(1));
    }

    private void Pass(TimeSpan time)
    {
        _eu.Now += time;
        _us.Now += time;
    }

    private static RouteRule Rule(string name, int seconds = 0) => new()
    {
        Name = name,
        Timeouts = seconds == 0 ? null : new RouteTimeouts { Request = TimeSpan.FromSeconds(seconds) },
    };

    [Fact]
    public void Writes_that_do_not_go_together_are_kept_and_told()
    {
        _eu.Write(new PutSpec(new ServiceSpec { Hosts = [.. Enumerable.Range(0, 40).Select(static i => $"eu-{i}.example")] }));
        _us.Write(new PutSpec(new ServiceSpec { Hosts = [.. Enumerable.Range(0, 40).Select(static i => $"us-{i}.example")] }));

        Region.Settle(_eu, _us);

        Assert.Equal(80, _eu.Spec.Hosts.Count);
        Assert.Equal(_eu.Spec.Hosts, _us.Spec.Hosts);
        Assert.All((Region[])[_eu, _us], static region => Assert.Contains("does not work: $.hosts", region.Merges[^1].Change, StringComparison.Ordinal));
    }
}
