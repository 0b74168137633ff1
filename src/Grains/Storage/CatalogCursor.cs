namespace Mesh.Grains.Storage;

/// <summary>How far a reader has come in the change log: the last sequence number it has seen, per shard.</summary>
public sealed record CatalogCursor(IReadOnlyList<long> Sequences)
{
    /// <summary>Before the first change.</summary>
    public static CatalogCursor Start { get; } = new([]);

    /// <summary>
    /// Which life of the store each shard's number comes from: a store that was emptied and written to again may have
    /// reached the same number. Empty where the shard had no change.
    /// </summary>
    public IReadOnlyList<string> Epochs { get; init; } = [];

    /// <summary>
    /// Whether a store that stands here has lost what a reader at <paramref name="seen"/> has seen: it was emptied, restored
    /// from an older copy, or failed over to one.
    /// </summary>
    public bool HasLost(CatalogCursor seen)
    {
        for (var shard = 0; shard < seen.Sequences.Count; shard++)
        {
            var sequence = seen.Sequences[shard];
            if (sequence > 0 && (shard >= Sequences.Count || sequence > Sequences[shard] || Epoch(this, shard) != Epoch(seen, shard)))
            {
                return true;
            }
        }

        return false;
    }

    private static string Epoch(CatalogCursor cursor, int shard) => shard < cursor.Epochs.Count ? cursor.Epochs[shard] : "";
}
