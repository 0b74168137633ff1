using System.Globalization;
using Mesh.Grains.Storage;
using StackExchange.Redis;

namespace Mesh.Grains.Identity;

/// <summary>Identities in the region's Redis.</summary>
internal sealed class RedisIdentityStore(RedisCalls calls, RedisKeys keys, EntryReader reader) : IIdentityStore
{
    /// <summary>A token's uses are forgotten a day after it expired: none can be used that late.</summary>
    private static readonly TimeSpan UsesKept = TimeSpan.FromDays(1);

    public async Task<IReadOnlyList<StoredAuthority>> ReadAuthorities()
    {
        var entries = await calls.Do(redis => redis.HashGetAllAsync(keys.Authorities, RedisCalls.Primary));
        return [.. entries.Select(entry => StoredJson.Decode<StoredAuthority>(entry.Value, keys.Authorities))];
    }

    public Task<bool> AddAuthority(StoredAuthority authority) => calls.Do(redis => redis.HashSetAsync(
        keys.Authorities, authority.Generation.ToString(CultureInfo.InvariantCulture), StoredJson.Encode(authority), When.NotExists, RedisCalls.Primary));

    public async Task<IReadOnlyList<StoredJoinToken>> ReadTokens()
    {
        var entries = await calls.Do(redis => redis.HashGetAllAsync(keys.JoinTokens, RedisCalls.Primary));
        return Decode(entries);
    }

    public async Task<StoredJoinToken?> FindToken(string id)
    {
        var json = await calls.Do(redis => redis.HashGetAsync(keys.JoinTokens, id, RedisCalls.Primary));
        return json.IsNull ? null : Decode([new(id, json)]).SingleOrDefault();
    }

    public async Task<int> CountUses(string id) => (int)await calls.Do(redis => redis.HashLengthAsync(keys.JoinTokenUses(id), RedisCalls.Primary));

    public Task AddToken(StoredJoinToken token) => calls.Do(redis => redis.HashSetAsync(
        keys.JoinTokens, token.Id, StoredJson.Encode(token), flags: RedisCalls.Primary));

    public Task<bool> RemoveToken(string id) => calls.Do(redis => redis.HashDeleteAsync(keys.JoinTokens, id, RedisCalls.Primary));

    public async Task<TokenUse> UseToken(StoredJoinToken token, string key, DateTimeOffset now)
    {
        RedisKey[] touched = [keys.JoinTokens, keys.JoinTokenUses(token.Id)];
        RedisValue[] arguments =
        [
            token.Id, key, token.Uses, now.ToUnixTimeMilliseconds(), (long)(token.ExpiresAt + UsesKept - now).TotalSeconds,
        ];
        var answer = await calls.Do(redis => redis.ScriptEvaluateAsync(Scripts.UseToken, touched, arguments, RedisCalls.Primary));
        return (int)answer switch
        {
            1 => TokenUse.Granted,
            0 => TokenUse.UsedUp,
            _ => TokenUse.Revoked,
        };
    }

    private IReadOnlyList<StoredJoinToken> Decode(HashEntry[] entries) =>
        reader.Read(keys.JoinTokens, entries, static entry => StoredJson.DecodeEntry<StoredJoinToken>(entry, static token => token.Id));
}
