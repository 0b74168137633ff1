namespace Mesh.Abstractions.Services;

/// <summary>
/// Two regions wrote the same without knowing of each other, and one write won: the one with the later stamp.
/// </summary>
public sealed record ResolvedConflict
{
    /// <summary>
    /// What was written: <c>routes/beta</c> (a rule), <c>order/beta</c> (its place), <c>hosts/web.example</c>,
    /// <c>traffic/loadBalancer</c>, <c>protocol</c>, or <c>exists</c> (an edit against a deletion).
    /// </summary>
    public required string Register { get; init; }

    /// <summary>Null when what was lost had been deleted so long ago that only the deletion's effect is remembered.</summary>
    public ConflictingWrite? Kept { get; init; }

    public required ConflictingWrite Lost { get; init; }
}
