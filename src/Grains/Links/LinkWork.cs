namespace Mesh.Grains.Links;

/// <summary>What a link has to do.</summary>
/// <param name="Due">The shards to read, each with the place after which to begin.</param>
/// <param name="HasPeerLost">The peer's store lost writes: it was emptied, or restored from an older copy.</param>
/// <param name="HaveWeLost">This region's store did.</param>
internal sealed record LinkWork(IReadOnlyList<(int Shard, long After)> Due, bool HasPeerLost, bool HaveWeLost);
