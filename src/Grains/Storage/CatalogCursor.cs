namespace Mesh.Grains.Storage;

/// <summary>How far a reader has come in the change log: the last sequence number it has seen, per shard.</summary>
public sealed record CatalogCursor(IReadOnlyList<long> Sequences)
{
    /// <summary>Before the first change.</summary>
    public static CatalogCursor Start { get; } = new([]);
}
