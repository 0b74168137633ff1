using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Abstractions.Writes;
using Mesh.Grains.Services;

namespace Mesh.Grains.Tests.Services;

public class ServiceReducerTests
{
    private const string Region = "local";
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ServiceName Web = new("shop", "web");
    private static readonly EndpointSpec Address = new() { Host = "10.0.0.1", Port = 80 };

    [Fact]
    public void Creates_a_service_at_revision_one()
    {
        var result = Apply(ServiceRecord.Empty(Web), new PutSpec(new ServiceSpec()));

        Assert.Equal(WriteStatus.Stored, result.Status);
        Assert.True(result.Created);
        Assert.Equal((1, 1, 1), (result.Record.Revision, result.Record.SpecRevision, result.ResourceRevision));
        Assert.Equal("put service", result.Change);
    }

    [Fact]
    public void A_write_that_changes_nothing_makes_no_revision()
    {
        var record = Given(new PutSpec(new ServiceSpec { Hosts = ["a.example"] }));

        var result = Apply(record, new PutSpec(new ServiceSpec { Hosts = ["a.example"] }));

        Assert.Equal(WriteStatus.Unchanged, result.Status);
        Assert.Same(record, result.Record);
        Assert.Equal(1, result.ResourceRevision);
    }

    [Fact]
    public void Endpoints_move_the_revision_but_not_that_of_the_spec()
    {
        var record = Given(new PutSpec(new ServiceSpec()), Put("a", EndpointSource.Api));

        Assert.Equal((2, 1), (record.Revision, record.SpecRevision));
        Assert.Equal(2, Assert.Single(record.EndpointsOf(Region)).Revision);
        Assert.Null(Apply(record, Put("b", EndpointSource.Api)).Change);
    }

    [Fact]
    public void An_endpoint_keeps_its_revision_while_others_change()
    {
        var record = Given(new PutSpec(new ServiceSpec()), Put("a", EndpointSource.Api), Put("b", EndpointSource.Api));

        Assert.Equal([2L, 3L], record.EndpointsOf(Region).Select(endpoint => endpoint.Revision));
    }

    [Fact]
    public void A_rule_is_replaced_in_its_place_and_added_at_the_end()
    {
        var record = Given(new PutSpec(new ServiceSpec { Routes = [Rule("a"), Rule("b")] }));

        record = Apply(record, new PutRule(Rule("a") with { Timeouts = new RouteTimeouts { Request = TimeSpan.FromSeconds(1) } })).Record;
        var added = Apply(record, new PutRule(Rule("c")));

        Assert.Equal(["a", "b", "c"], added.Record.Spec!.Routes.Select(rule => rule.Name));
        Assert.Equal(TimeSpan.FromSeconds(1), added.Record.Spec.Routes[0].Timeouts!.Request);
        Assert.True(added.Created);
        Assert.Equal("put routes/c", added.Change);
    }

    [Fact]
    public void What_does_not_exist_is_not_found()
    {
        var record = Given(new PutSpec(new ServiceSpec()));

        Assert.Equal(WriteStatus.NotFound, Apply(record, new DeleteRule("x")).Status);
        Assert.Equal(WriteStatus.NotFound, Apply(record, new DrainEndpoint("x")).Status);
        Assert.Equal(WriteStatus.NotFound, Apply(record, new RemoveEndpoints(["x"])).Status);
        foreach (ServiceCommand command in (ServiceCommand[])
            [new DeleteService(), new PutRule(Rule("a")), new PutTraffic(new TrafficPolicy()), Put("a", EndpointSource.Api)])
        {
            Assert.Equal(WriteStatus.NotFound, Apply(ServiceRecord.Empty(Web), command).Status);
        }
    }

    [Fact]
    public void A_sidecar_makes_its_service_exist()
    {
        var put = new PutEndpoint("a", Address with { Protocol = ServiceProtocol.Grpc }, EndpointSource.Sidecar);

        var result = Apply(ServiceRecord.Empty(Web), put);

        Assert.Equal(WriteStatus.Stored, result.Status);
        Assert.Equal(ServiceProtocol.Grpc, result.Record.Spec!.Protocol);
        Assert.Equal("register a", result.Change);
    }

    [Fact]
    public void Revisions_go_on_after_a_deletion()
    {
        var record = Given(new PutSpec(new ServiceSpec()), Put("a", EndpointSource.Api), new DeleteService());

        Assert.Null(record.Spec);
        Assert.Empty(record.AllEndpoints());
        Assert.Equal(3, record.Revision);
        var again = Apply(record, new PutSpec(new ServiceSpec()));
        Assert.True(again.Created);
        Assert.Equal(4, again.Record.SpecRevision);
    }

    [Fact]
    public void A_deletion_leaves_other_regions_endpoints_alone()
    {
        var there = new Endpoint { Id = "x", Host = "10.9.0.1", Port = 80, Region = "there" };
        var record = Given(new PutSpec(new ServiceSpec()), Put("a", EndpointSource.Api));
        record = record with { Endpoints = record.WithEndpoints("there", [there]) };

        var deleted = Apply(record, new DeleteService()).Record;

        Assert.Equal([there], deleted.AllEndpoints());
    }

    [Theory]
    [InlineData(1, WriteStatus.Stored)]
    [InlineData(2, WriteStatus.PreconditionFailed)]
    public void If_match_compares_the_resources_revision(long held, WriteStatus expected)
    {
        var record = Given(new PutSpec(new ServiceSpec()), Put("a", EndpointSource.Api));

        var result = Apply(record, new PutTraffic(new TrafficPolicy { RetryBudget = new() }), new Precondition { IfMatch = [held] });

        Assert.Equal(expected, result.Status);
    }

    [Fact]
    public void If_match_never_holds_for_what_does_not_exist()
    {
        Assert.Equal(WriteStatus.PreconditionFailed, Apply(ServiceRecord.Empty(Web), new PutSpec(new ServiceSpec()), new Precondition { IfMatch = [0] }).Status);
        Assert.Equal(WriteStatus.PreconditionFailed, Apply(ServiceRecord.Empty(Web), new PutSpec(new ServiceSpec()), new Precondition { MustExist = true }).Status);
    }

    [Fact]
    public void If_none_match_lets_only_a_creation_through()
    {
        var create = new Precondition { MustNotExist = true };
        var record = Given(new PutSpec(new ServiceSpec { Routes = [Rule("a")] }));

        Assert.Equal(WriteStatus.Stored, Apply(record, new PutRule(Rule("b")), create).Status);
        Assert.Equal(WriteStatus.PreconditionFailed, Apply(record, new PutRule(Rule("a")), create).Status);
        Assert.Equal(WriteStatus.PreconditionFailed, Apply(record, new PutSpec(new ServiceSpec()), create).Status);
    }

    [Fact]
    public void A_drain_outlasts_what_the_sidecar_reports()
    {
        var record = Given(Put("a", EndpointSource.Sidecar), new DrainEndpoint("a"));

        Assert.True(ServiceReducer.IsRegistered(record, "a", Address, Region));
        var result = Apply(record, Put("a", EndpointSource.Sidecar));

        Assert.Equal(WriteStatus.Unchanged, result.Status);
        Assert.Equal(EndpointState.Draining, Assert.Single(result.Record.AllEndpoints()).State);
    }

    [Fact]
    public void A_changed_description_is_not_the_registered_one()
    {
        var record = Given(Put("a", EndpointSource.Sidecar));

        Assert.True(ServiceReducer.IsRegistered(record, "a", Address, Region));
        Assert.False(ServiceReducer.IsRegistered(record, "a", Address with { State = EndpointState.NotReady }, Region));
        Assert.False(ServiceReducer.IsRegistered(record, "b", Address, Region));
    }

    [Fact]
    public void Applying_a_document_replaces_api_endpoints_and_keeps_the_sidecars()
    {
        var record = Given(Put("side", EndpointSource.Sidecar), Put("old", EndpointSource.Api));
        var document = new ApplyDocument(record.Spec!, new Dictionary<string, EndpointSpec> { ["new"] = Address });

        var next = Apply(record, document).Record;

        Assert.Equal(["new", "side"], next.EndpointsOf(Region).Select(endpoint => endpoint.Id));
        Assert.Equal(WriteStatus.Unchanged, Apply(next, document).Status);
        Assert.Equal(WriteStatus.Unchanged, Apply(next, document with { Endpoints = null }).Status);
    }

    [Fact]
    public void A_rollback_makes_the_old_spec_the_newest()
    {
        var old = new ServiceSpec { Hosts = ["old.example"] };
        var record = Given(new PutSpec(old), new PutSpec(new ServiceSpec()));

        var result = Apply(record, new RestoreSpec(1, old));

        Assert.Equal((3, "roll back to 1"), (result.Record.SpecRevision, result.Change));
        Assert.Equal(["old.example"], result.Record.Spec!.Hosts);
    }

    private static RouteRule Rule(string name) => new() { Name = name };

    private static PutEndpoint Put(string id, EndpointSource source) => new(id, Address, source);

    private static ServiceRecord Given(params ServiceCommand[] commands) =>
        commands.Aggregate(ServiceRecord.Empty(Web), (record, command) => Apply(record, command).Record);

    private static Reduction Apply(ServiceRecord record, ServiceCommand command, Precondition? precondition = null) =>
        ServiceReducer.Apply(record, command, precondition ?? Precondition.None, Region, Now);
}
