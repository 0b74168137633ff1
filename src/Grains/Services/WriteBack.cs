using Mesh.Abstractions.Json;
using Mesh.Abstractions.Services;
using Mesh.Grains.Regions;

namespace Mesh.Grains.Services;

/// <summary>
/// What a grain has to store again. A store that was emptied, restored from an older copy or failed over to a replica that
/// lagged has lost writes that were acknowledged; whoever made them may still hold them.
/// </summary>
/// <param name="Record">What both together know, at a revision above both.</param>
/// <param name="Revision">The entry that the service's history has lost; null when it is still there.</param>
internal sealed record WriteBack(ServiceRecord Record, ServiceRevision? Revision)
{
    /// <summary>The author and the description of the entry.</summary>
    private const string Author = "store";
    private const string Change = "written back after the store lost it";

    /// <param name="held">What a grain has acknowledged.</param>
    /// <param name="stored">What the store has; an empty record when it has none.</param>
    /// <param name="collectBefore">See <see cref="Tombstones.Limit"/>.</param>
    /// <returns>Null when the store knows all that is held.</returns>
    public static WriteBack? Of(ServiceRecord held, ServiceRecord stored, string region, DateTimeOffset now, DateTimeOffset collectBefore)
    {
        // What the store has may have been written by another activation, so neither simply replaces the other.
        var joined = ServiceMerger.Merge(stored, held, region, region, now, collectBefore);
        if (!joined.IsChanged && stored.Revision >= held.Revision)
        {
            return null;
        }

        // Revisions that were acknowledged are not given out again, even when all they changed is known.
        var revision = Math.Max(joined.Record.Revision, Math.Max(stored.Revision, held.Revision) + 1);
        var isHeldSpec = MeshJson.Same(joined.Record.Spec, held.Spec);
        var isStoredSpec = MeshJson.Same(joined.Record.Spec, stored.Spec);
        var specRevision = (isHeldSpec, isStoredSpec) switch
        {
            (true, true) => Math.Max(held.SpecRevision, stored.SpecRevision),
            (true, false) when held.SpecRevision > stored.Revision => held.SpecRevision,
            (false, true) when stored.SpecRevision > held.SpecRevision => stored.SpecRevision,
            _ => revision,
        };
        var record = joined.Record with
        {
            Format = ServiceRecord.FormatOf(joined.Record.Spec ?? joined.Record.Remains),
            Revision = revision,
            SpecRevision = specRevision,
            UpdatedAt = now,
            Clock = HybridTime.Max(joined.Record.Clock, held.Clock),
        };
        return new WriteBack(record, specRevision == stored.SpecRevision ? null : new ServiceRevision
        {
            Revision = specRevision,
            At = now,
            Author = Author,
            Change = Change,
            Conflicts = joined.Conflicts.Count > 0 ? joined.Conflicts : null,
            Spec = record.Spec,
        });
    }
}
