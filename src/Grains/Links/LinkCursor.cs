namespace Mesh.Grains.Links;

/// <summary>How far a link has come, as it is kept in the own region's store.</summary>
/// <param name="Shards">By number of the shard.</param>
/// <param name="CaughtUpAt">When this region last had everything that the peer had.</param>
internal sealed record LinkCursor(IReadOnlyList<LinkPlace> Shards, DateTimeOffset? CaughtUpAt);
