using System.Security.Cryptography;
using Mesh.Abstractions.Grains;
using Mesh.Grains.Identity;
using Mesh.Grains.Security.Tokens;
using Mesh.Grains.Storage;
using StackExchange.Redis;

namespace Mesh.Silo.Identity;

/// <summary>What only silos of the region know: made by the first that needs it, and kept encrypted in the store.</summary>
internal static class ClusterSecret
{
    /// <exception cref="AuthorityException">It was encrypted with keys that this silo does not have.</exception>
    /// <exception cref="StoreUnavailableException">The store does not answer.</exception>
    public static async Task<byte[]> Read(RedisCalls calls, RedisKeys keys, IKeyVault vault)
    {
        var stored = await calls.Do(redis => redis.StringGetAsync(keys.SiloSecret, RedisCalls.Primary));
        if (stored.IsNull)
        {
            var made = vault.Protect(RandomNumberGenerator.GetBytes(CallTokens.MinSecretLength));
            await calls.Do(redis => redis.StringSetAsync(keys.SiloSecret, made, when: When.NotExists, flags: RedisCalls.Primary));

            // Another silo may have been first.
            stored = await calls.Do(redis => redis.StringGetAsync(keys.SiloSecret, RedisCalls.Primary));
        }

        return vault.Unprotect((byte[])stored!);
    }
}
