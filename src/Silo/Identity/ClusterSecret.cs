using System.Security.Cryptography;
using Mesh.Abstractions.Grains;
using Mesh.Grains.Identity;
using Mesh.Grains.Security.Tokens;
using Mesh.Grains.Storage;
using StackExchange.Redis;

namespace Mesh.Silo.Identity;

/// <summary>
/// What only silos of the region know: made by the first that needs it, and kept encrypted in the store. Who has read it
/// remembers it as it was, and puts it back when the store has lost it: a silo that made another one would be refused.
/// </summary>
internal sealed partial class ClusterSecret
{
    private readonly RedisCalls _calls;
    private readonly RedisKeys _keys;
    private readonly ILogger _logger;
    private readonly byte[] _stored;
    private bool _isReplaced;

    private ClusterSecret(RedisCalls calls, RedisKeys keys, byte[] stored, byte[] value, ILogger logger) =>
        (_calls, _keys, _stored, Value, _logger) = (calls, keys, stored, value, logger);

    public byte[] Value { get; }

    /// <exception cref="AuthorityException">It was encrypted with keys that this silo does not have.</exception>
    /// <exception cref="StoreUnavailableException">The store does not answer.</exception>
    public static async Task<ClusterSecret> Open(RedisCalls calls, RedisKeys keys, IKeyVault vault, ILogger<ClusterSecret> logger)
    {
        var stored = await Read(calls, keys);
        if (stored.IsNull)
        {
            await Add(calls, keys, vault.Protect(RandomNumberGenerator.GetBytes(CallTokens.MinSecretLength)));

            // Another silo may have been first.
            stored = await Read(calls, keys);
        }

        var encrypted = (byte[]?)stored
            ?? throw new AuthorityException($"The store has lost the secret that silos share ({keys.SiloSecret}) at this moment. Start the silo again.");
        return new ClusterSecret(calls, keys, encrypted, Decrypt(vault, encrypted, keys), logger);
    }

    /// <summary>Whether there is one.</summary>
    /// <exception cref="StoreUnavailableException">The store does not answer.</exception>
    public static async Task<bool> IsStored(RedisCalls calls, RedisKeys keys) => !(await Read(calls, keys)).IsNull;

    /// <summary>Puts back what the store has lost.</summary>
    /// <exception cref="StoreUnavailableException">The store does not answer.</exception>
    public async Task KeepStored()
    {
        var stored = await Read(_calls, _keys);
        if (stored.IsNull)
        {
            if (await Add(_calls, _keys, _stored))
            {
                LogPutBack(_keys.SiloSecret);
            }

            return;
        }

        var isReplaced = !((ReadOnlyMemory<byte>)stored).Span.SequenceEqual(_stored);
        if (isReplaced && !_isReplaced)
        {
            LogReplaced(_keys.SiloSecret);
        }

        _isReplaced = isReplaced;
    }

    private static byte[] Decrypt(IKeyVault vault, byte[] encrypted, RedisKeys keys)
    {
        try
        {
            return vault.Unprotect(encrypted);
        }
        catch (AuthorityException exception) when (exception.InnerException is CryptographicException)
        {
            throw new AuthorityException(
                $"The secret that silos share, the key {keys.SiloSecret} in the store, was encrypted with keys that this silo does not have. Give all silos of the region the "
                + "same Mesh:Silo:Secret, or one directory of keys (Mesh:Identity:DataProtection:Directory). If the keys are lost, stop all silos of the region and delete "
                + "that key: the first silo that starts makes another secret, and nothing else depends on it.",
                exception);
        }
    }

    private static Task<RedisValue> Read(RedisCalls calls, RedisKeys keys) => calls.Do(redis => redis.StringGetAsync(keys.SiloSecret, RedisCalls.Primary));

    private static Task<bool> Add(RedisCalls calls, RedisKeys keys, byte[] encrypted) =>
        calls.Do(redis => redis.StringSetAsync(keys.SiloSecret, encrypted, when: When.NotExists, flags: RedisCalls.Primary));

    [LoggerMessage(3313, LogLevel.Warning, "The store has lost the secret that silos share ({Key}); this silo has put back the one it remembered")]
    private partial void LogPutBack(RedisKey key);

    [LoggerMessage(3314, LogLevel.Error, "The secret that silos share ({Key}) is another one in the store than this silo has, and silos that start now refuse it. Start this silo again, and all others that say so")]
    private partial void LogReplaced(RedisKey key);
}
