using Mesh.Abstractions.Json;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Validation;
using Mesh.Grains.Regions;

namespace Mesh.Grains.Services;

/// <summary>
/// From a record and a peer's record of the same service to the next record: <see cref="ServiceReducer"/>'s
/// counterpart. Revisions are the region's own: a merge that changes anything makes one.
/// </summary>
internal static class ServiceMerger
{
    /// <param name="peerRegion">Whose store <paramref name="peer"/> comes from; our own for what a grain holds and its store has lost.</param>
    /// <param name="collectBefore">See <see cref="Tombstones.Limit"/>.</param>
    /// <exception cref="InvalidDataException">The peer's record is of another service, of a form this program cannot read, or not usable.</exception>
    public static MergeOutcome Merge(
        ServiceRecord record, ServiceRecord peer, string peerRegion, string region, DateTimeOffset now, DateTimeOffset collectBefore)
    {
        Check(record, peer, peerRegion);
        var ours = RecordUpgrade.Apply(record, region);
        var theirs = RecordUpgrade.Apply(peer, peerRegion);
        var lead = HybridClock.Lead(theirs.Clock, now);
        if (HasSameContent(ours, theirs))
        {
            return new MergeOutcome(record, IsChanged: false, [], lead, Change: null);
        }

        if (peerRegion != region)
        {
            PeerRecordCheck.EnsureUsable(theirs, peerRegion, now);
        }

        var (joined, conflicts) = RecordJoin.Join(ours with { Clock = HybridClock.Observe(ours.Clock, theirs.Clock, now) }, theirs);
        var settled = Tombstones.Collect(OwnEndpoints.Settle(ours, theirs, joined, region, now), collectBefore);
        if (HasSameContent(ours, settled))
        {
            return new MergeOutcome(record, IsChanged: false, [], lead, Change: null);
        }

        // A region that lost its store gets its endpoints back with revisions it has not reached again.
        var revision = settled.EndpointsOf(region).Select(static endpoint => endpoint.Revision).Append(ours.Revision + 1).Max();
        var isSameSpec = MeshJson.Same(ours.Spec, settled.Spec);
        var next = settled with
        {
            Revision = revision,
            SpecRevision = isSameSpec ? ours.SpecRevision : revision,
            UpdatedAt = now,
        };
        return new MergeOutcome(next, IsChanged: true, conflicts, lead, isSameSpec && conflicts.Count == 0 ? null : Describe(settled.Spec, peerRegion));
    }

    /// <summary>Two regions' writes may each be right and not go together. All regions have to hold the same, so it is stored, and told.</summary>
    private static string Describe(ServiceSpec? spec, string peerRegion)
    {
        var change = $"merge from {peerRegion}";
        return spec is not null && SpecValidator.Check(spec) is [var error, ..]
            ? $"{change}; what came of it does not work: {error.Path}: {error.Message}"
            : change;
    }

    private static void Check(ServiceRecord record, ServiceRecord peer, string peerRegion)
    {
        if (peer.Service != record.Service)
        {
            throw new InvalidDataException($"A record of {peer.Service} from region {peerRegion} cannot be merged into {record.Service}.");
        }
    }

    /// <summary>Whether two records hold the same writes, local matters such as revisions aside.</summary>
    private static bool HasSameContent(ServiceRecord left, ServiceRecord right) =>
        left.Floor == right.Floor
        && HasSame(left.Registers, right.Registers)
        && HasSame(left.Sections, right.Sections)
        && MeshJson.Same(left.Spec, right.Spec);

    private static bool HasSame<T>(IReadOnlyDictionary<string, T> left, IReadOnlyDictionary<string, T> right) =>
        left.Count == right.Count
        && left.All(pair => right.TryGetValue(pair.Key, out var other) && EqualityComparer<T>.Default.Equals(pair.Value, other));
}
