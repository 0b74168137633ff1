using Mesh.Grains.Storage;
using Microsoft.Extensions.Logging;

namespace Mesh.Grains.Links;

/// <summary>What links keep in, and ask of, their own region's store.</summary>
internal sealed class LinkStore(RedisCalls calls, RedisKeys keys, ILogger<LinkStore> logger)
{
    public ChangeLog Log { get; } = new(calls, keys, logger);

    /// <returns>Null when the link is new, or the store was emptied: then it begins at the start.</returns>
    public async Task<LinkCursor?> ReadCursor(string peer, CancellationToken cancellationToken)
    {
        var key = keys.Link(peer);
        var json = await calls.Do(redis => redis.StringGetAsync(key, RedisCalls.Primary), cancellationToken);
        return json.IsNull ? null : StoredJson.Decode<LinkCursor>(json, key);
    }

    public Task<bool> WriteCursor(string peer, LinkCursor cursor, CancellationToken cancellationToken) => calls.Do(
        redis => redis.StringSetAsync(keys.Link(peer), StoredJson.Encode(cursor), flags: RedisCalls.Primary), cancellationToken);

    /// <summary>Tells peers that this region lives.</summary>
    public Task WriteHeartbeat(Heartbeat heartbeat, CancellationToken cancellationToken) => calls.Do(
        async redis =>
        {
            await redis.HashSetAsync(keys.Heartbeat, heartbeat.ToEntries(), RedisCalls.Primary);
            return true;
        },
        cancellationToken);
}
