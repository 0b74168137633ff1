namespace Mesh.Grains.Storage;

/// <summary>Where a shard stands.</summary>
/// <param name="Epoch">The life of the store its numbers belong to; empty before the first change.</param>
/// <param name="Last">The newest sequence number.</param>
/// <param name="Digest">The <see cref="Regions.ShardDigest"/> as text; null when no write has made one yet.</param>
internal readonly record struct ShardHead(string Epoch, long Last, string? Digest)
{
    /// <summary>The store lost what a reader has seen: it was emptied, or restored from an older copy.</summary>
    public bool IsOlderThan(string epoch, long sequence) => sequence > Last || (sequence > 0 && epoch != Epoch);

    /// <summary>Whether two regions hold the same of a shard.</summary>
    public bool HoldsTheSameAs(ShardHead other) => Digest is null
        ? other.Digest is null && Last == 0 && other.Last == 0
        : Digest == other.Digest;
}
