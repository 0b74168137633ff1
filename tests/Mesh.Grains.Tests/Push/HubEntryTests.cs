using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Snapshots;
using Mesh.Grains.Push;

namespace Mesh.Grains.Tests.Push;

public class HubEntryTests
{
    [Fact]
    public void The_first_answer_is_used_even_that_there_is_nothing() =>
        Assert.True(new HubEntry().Accepts(Snapshot(0), SnapshotVersion.None));

    [Fact]
    public void A_newer_answer_is_used_even_when_a_push_came_meanwhile() =>
        Assert.True(Holding(2).Accepts(Snapshot(3), Snapshot(1).Version));

    [Fact]
    public void An_older_answer_is_used_unless_a_push_came_meanwhile()
    {
        Assert.True(Holding(5).Accepts(Snapshot(3), Snapshot(5).Version));
        Assert.False(Holding(5).Accepts(Snapshot(3), Snapshot(2).Version));
    }

    [Fact]
    public void Another_content_of_the_same_revision_is_used() =>
        Assert.True(Holding(5).Accepts(Snapshot(5, "other.example"), Snapshot(5).Version));

    [Fact]
    public void A_store_that_lost_everything_takes_nothing_away() =>
        Assert.False(Holding(5).Accepts(Snapshot(0), Snapshot(5).Version));

    private static HubEntry Holding(long revision) => new() { Snapshot = Snapshot(revision) };

    private static EncodedSnapshot Snapshot(long revision, params string[] hosts) => EncodedSnapshot.From(new ServiceSnapshot
    {
        Service = new ServiceName("shop", "web"),
        Revision = revision,
        Spec = revision == 0 ? null : new ServiceSpec { Hosts = hosts },
    });
}
