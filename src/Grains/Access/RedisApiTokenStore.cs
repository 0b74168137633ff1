using Mesh.Grains.Storage;
using StackExchange.Redis;

namespace Mesh.Grains.Access;

/// <summary>Tokens of the management API in the region's Redis, out of what peers may read.</summary>
internal sealed class RedisApiTokenStore(RedisCalls calls, RedisKeys keys, EntryReader reader) : IApiTokenStore
{
    public async Task<IReadOnlyList<StoredApiToken>> ReadAll()
    {
        var entries = await calls.Do(redis => redis.HashGetAllAsync(keys.ApiTokens, RedisCalls.Primary));
        return reader.Read(keys.ApiTokens, entries, static entry => StoredJson.DecodeEntry<StoredApiToken>(entry, static token => token.Id));
    }

    public Task Add(StoredApiToken token) => calls.Do(redis => redis.HashSetAsync(
        keys.ApiTokens, token.Id, StoredJson.Encode(token), flags: RedisCalls.Primary));

    public Task<bool> Remove(string id) => calls.Do(redis => redis.HashDeleteAsync(keys.ApiTokens, id, RedisCalls.Primary));
}
