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
}
