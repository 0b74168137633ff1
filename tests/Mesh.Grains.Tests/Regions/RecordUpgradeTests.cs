using System.Text;
using Mesh.Abstractions.Access;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Writes;
using Mesh.Grains.Regions;
using Mesh.Grains.Services;

namespace Mesh.Grains.Tests.Regions;

/// <summary>Records as programs of each format stored them, byte for byte.</summary>
public class RecordUpgradeTests
{
    private const string Alive =
        """{"format":1,"service":"shop/web","revision":7,"specRevision":5,"updatedAt":"2026-03-01T12:00:00+00:00","spec":{"hosts":["web.example","a.example"],"ports":[8080],"protocol":"grpc","routes":[{"name":"beta","matches":[{"path":{"type":"PathPrefix","value":"/api"},"headers":[],"queryParams":[]}],"filters":[],"backendRefs":[{"name":"web-v2","weight":1,"filters":[]}],"timeouts":{"request":"10s"}},{"name":"all","matches":[],"filters":[],"backendRefs":[]}],"traffic":{"retryBudget":{"percent":30,"minPerSecond":5,"window":"10s"}}},"endpoints":{"eu":[{"id":"web-1","host":"10.0.0.7","port":8080,"zone":"a","region":"eu","weight":1,"labels":{"version":"1"},"state":"Ready","drained":false,"source":"Sidecar","revision":7}]}}""";

    private const string Deleted =
        """{"format":1,"service":"shop/web","revision":9,"specRevision":9,"updatedAt":"2026-03-02T12:00:00+00:00","endpoints":{}}""";

    private const string Format2 =
        """{"format":2,"service":"shop/web","revision":4,"specRevision":4,"updatedAt":"2026-03-01T12:00:00+00:00","spec":{"hosts":["web.example"],"ports":[],"protocol":"http","routes":[{"name":"a","matches":[],"filters":[],"backendRefs":[],"timeouts":{"request":"2s"}}],"traffic":{}},"endpoints":{},"sections":{"us":{"version":"1772366400000.3","since":"1772366400000.1"}},"registers":{"exists":{"at":"1772366400000.2@us","over":["1772366400000.0@eu"]},"hosts/web.example":{"at":"1772366400000.0@eu"},"order/a":{"at":"1772366400000.0@eu"},"ports":{"at":"1772366400000.0@eu"},"protocol":{"at":"1772366400000.0@eu"},"routes/a":{"at":"1772366400000.2@us","over":["1772366400000.0@eu"],"lost":[{"at":"1772366400000.1@eu","value":{"name":"a","matches":[],"filters":[],"backendRefs":[],"timeouts":{"request":"1s"}}}]},"routes/b":{"at":"1772366400000.2@us"}},"positions":{"hosts/web.example":"V00","order/a":"V00"},"clock":"1772366400000.3","floor":"0.0"}""";

    [Fact]
    public void A_record_of_format_2_is_read_and_merged_as_it_was_meant()
    {
        var record = Decode(Format2);
        var peer = Decode(Format2) with { Registers = record.Registers.ToDictionary(static pair => pair.Key, static pair => pair.Value with { Lost = null }) };

        Assert.Equal(Format2, Encoding.UTF8.GetString(MeshJson.Encode(record)));
        var merged = ServiceMerger.Merge(peer, record, "us", "eu", record.UpdatedAt, record.UpdatedAt.AddDays(-7));
        Assert.True(MeshJson.Same(record.Registers, merged.Record.Registers));
        Assert.Equal("routes/a", Assert.Single(merged.Conflicts).Register);
        Assert.False(ServiceMerger.Merge(record, peer, "us", "eu", record.UpdatedAt, record.UpdatedAt.AddDays(-7)).IsChanged);
    }

    [Fact]
    public void An_old_record_keeps_all_it_had_and_can_be_merged_into_another_region()
    {
        var old = Decode(Alive);

        var merged = ServiceMerger.Merge(ServiceRecord.Empty(old.Service), old, "eu", "us", old.UpdatedAt, old.UpdatedAt.AddDays(-7)).Record;

        Assert.True(MeshJson.Same(old.Spec, merged.Spec));
        Assert.True(MeshJson.Same(old.AllEndpoints(), merged.AllEndpoints()));
        Assert.Equal(["web.example", "a.example"], merged.Spec!.Hosts);
        Assert.All(merged.Registers.Values, register => Assert.Equal("1772366400000.0@eu", register.At.ToString()));
    }

    [Fact]
    public void Its_revisions_go_on()
    {
        var old = Decode(Alive);

        var next = ServiceReducer.Apply(old, new DeleteRule("all"), Precondition.None, "eu", old.UpdatedAt.AddHours(-1)).Record;

        Assert.Equal((2, 8, 8), (next.Format, next.Revision, next.SpecRevision));
        Assert.True(next.Registers["routes/all"].At > next.Registers["routes/beta"].At);
    }

    [Fact]
    public void An_old_deletion_is_a_deletion()
    {
        var (alive, deleted) = (Decode(Alive), Decode(Deleted));

        var merged = ServiceMerger.Merge(RecordUpgrade.Apply(alive, "us"), deleted, "eu", "us", deleted.UpdatedAt, alive.UpdatedAt);

        Assert.Null(merged.Record.Spec);
        Assert.Equal("merge from eu", merged.Change);
    }

    [Fact]
    public void What_an_old_program_made_of_a_new_record_counts_as_written_then()
    {
        var record = RecordUpgrade.Apply(Decode(Alive), "eu");
        var rewritten = Decode(Alive) with { UpdatedAt = record.UpdatedAt.AddHours(1), Revision = 8 };

        var merged = ServiceMerger.Merge(record, rewritten, "eu", "us", rewritten.UpdatedAt, record.UpdatedAt.AddDays(-7)).Record;

        Assert.All(merged.Registers.Values, register => Assert.Equal("1772370000000.0@eu", register.At.ToString()));
    }

    [Fact]
    public void A_current_record_is_left_alone_and_reads_back_as_written()
    {
        var record = RecordUpgrade.Apply(Decode(Alive), "eu");
        var read = MeshJson.Decode<ServiceRecord>(MeshJson.Encode(record));

        Assert.Same(read, RecordUpgrade.Apply(read, "us"));
        Assert.True(MeshJson.Same(record, read));
    }

    [Fact]
    public void A_record_of_the_new_form_has_what_an_old_program_needs()
    {
        var json = Encoding.UTF8.GetString(MeshJson.Encode(RecordUpgrade.Apply(Decode(Alive), "eu")));

        foreach (var field in (string[])["\"service\":\"shop/web\"", "\"revision\":7", "\"specRevision\":5", "\"spec\":{", "\"endpoints\":{\"eu\":[{"])
        {
            Assert.Contains(field, json, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_newer_form_is_refused_in_a_merge()
    {
        var record = Decode(Alive);

        var exception = Assert.Throws<InvalidDataException>(
            () => ServiceMerger.Merge(record, record with { Format = ServiceRecord.CurrentFormat + 1 }, "eu", "us", record.UpdatedAt, record.UpdatedAt));

        Assert.Contains("Upgrade this region", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_newer_form_in_the_own_store_is_not_taken_for_an_older_one() =>
        Assert.Throws<InvalidDataException>(() => RecordUpgrade.Apply(Decode(Alive) with { Format = ServiceRecord.CurrentFormat + 1 }, "eu"));

    [Fact]
    public void What_a_program_before_dropped_from_a_rule_on_its_way_does_not_come_back_as_a_change()
    {
        var record = Decode(Format2);
        var dropped = record with { Spec = record.Spec! with { Routes = [record.Spec.Routes[0] with { Timeouts = null }] } };

        var back = ServiceMerger.Merge(record, dropped, "eu", "us", record.UpdatedAt, record.UpdatedAt.AddDays(-7));
        var on = ServiceMerger.Merge(dropped, record, "us", "eu", record.UpdatedAt, record.UpdatedAt.AddDays(-7));

        Assert.False(back.IsChanged);
        Assert.True(MeshJson.Same(record.Spec, on.Record.Spec));
    }

    [Fact]
    public void A_record_that_says_who_may_call_is_of_a_form_that_older_programs_leave_alone()
    {
        var old = Decode(Alive);
        var access = new AccessPolicy { Default = AccessDefault.Deny };

        var next = ServiceReducer.Apply(old, new PutSpec(old.Spec! with { Access = access }), Precondition.None, "eu", old.UpdatedAt).Record;
        var peer = ServiceMerger.Merge(RecordUpgrade.Apply(old, "eu"), next, "us", "eu", old.UpdatedAt, old.UpdatedAt.AddDays(-7)).Record;
        var without = ServiceReducer.Apply(next, new PutSpec(old.Spec!), Precondition.None, "eu", old.UpdatedAt).Record;

        Assert.Equal((3, 3, 2), (next.Format, peer.Format, without.Format));
    }

    private static ServiceRecord Decode(string json) => MeshJson.Decode<ServiceRecord>(Encoding.UTF8.GetBytes(json));
}
