using Mesh.Abstractions.Services;

namespace Mesh.Grains.Services;

/// <summary>What merging a peer's record makes of ours.</summary>
/// <param name="Record">The record afterwards; the one before when the peer's had nothing new.</param>
/// <param name="Conflicts">Those that this region had not heard of, winners of either side.</param>
/// <param name="ClockLead">How far the peer's clock was ahead of our wall clock when it last wrote; negative when behind.</param>
/// <param name="Change">What to write into the service's revisions; null when there is nothing to tell.</param>
internal sealed record MergeOutcome(
    ServiceRecord Record,
    bool IsChanged,
    IReadOnlyList<ResolvedConflict> Conflicts,
    TimeSpan ClockLead,
    string? Change);
