using Mesh.Grains.Storage;
using StackExchange.Redis;

namespace Mesh.Silo.Store;

/// <summary>
/// Makes sure that the server runs one script at a time. Some servers that speak Redis' protocol do not, unless told
/// to: there, two writes of a service could both succeed and one be lost, and Orleans' membership likewise. One
/// connection's scripts change a number again and again while another's script, which takes some milliseconds, looks
/// whether it sees that.
/// </summary>
internal static class ScriptAtomicityCheck
{
    private const int Rounds = 4;

    /// <summary>Some milliseconds a round.</summary>
    private const int ReadsPerRound = 5_000;

    /// <summary>So many changes are on their way at any time that one always waits at the server.</summary>
    private const int ChangesInFlight = 8;

    /// <summary>
    /// Garnet's locks of keys are not fair: without an end to the changes, on a busy machine who looks may not have its turn
    /// for seconds.
    /// </summary>
    private const int ChangesPerRound = 1_000;

    /// <exception cref="StoreStartException">Scripts mix, or the server cannot run them.</exception>
    public static async Task Run(ConfigurationOptions redis, RedisKeys keys, string store, CancellationToken cancellationToken)
    {
        var options = redis.Clone();
        options.AbortOnConnectFail = true;
        options.ConnectTimeout = options.AsyncTimeout = (int)StoreConnection.StartLimit.TotalMilliseconds;
        var key = keys.Probe(shard: 0, Guid.NewGuid().ToString("n"));
        try
        {
            await using var writer = await ConnectionMultiplexer.ConnectAsync(options);
            await using var watcher = await ConnectionMultiplexer.ConnectAsync(options);
            if (await SeesChanges(watcher.GetDatabase(), writer.GetDatabase(), key, cancellationToken))
            {
                throw new StoreStartException(
                    $"The store, {store}, lets Lua scripts run at the same time and would lose writes. " +
                    "On Garnet, start it with --lua-transaction-mode; otherwise use Redis 6.2 or newer, or Valkey.");
            }
        }
        catch (Exception exception) when (exception is RedisConnectionException or TimeoutException)
        {
            throw new StoreStartException(
                $"The store, {store}, did not answer the check of its scripts within {StoreConnection.StartLimit.TotalSeconds} s. " +
                "Look whether it is overloaded or restarting.",
                exception);
        }
        catch (Exception exception) when (exception is RedisException or RedisCommandException)
        {
            throw new StoreStartException(
                $"The store, {store}, could not run the scripts Mesh needs: {exception.Message} " +
                "It must be Redis 6.2 or newer, Valkey, or Garnet with --lua and --lua-transaction-mode, and allow EVAL, EVALSHA and SCRIPT LOAD.",
                exception);
        }
    }

    private static async Task<bool> SeesChanges(IDatabase watcher, IDatabase writer, RedisKey key, CancellationToken cancellationToken)
    {
        // Once for each, so that both scripts are known before they race.
        await writer.ScriptEvaluateAsync(Scripts.Change, [key], flags: RedisCalls.Primary);
        await watcher.ScriptEvaluateAsync(Scripts.Watch, [key], [0], RedisCalls.Primary);

        try
        {
            for (var round = 0; round < Rounds; round++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (await SeesChangesOfRound(watcher, writer, key))
                {
                    return true;
                }
            }

            return false;
        }
        finally
        {
            await writer.KeyDeleteAsync(key, RedisCalls.Primary);
        }
    }

    private static async Task<bool> SeesChangesOfRound(IDatabase watcher, IDatabase writer, RedisKey key)
    {
        var left = ChangesPerRound;
        var changes = Task.WhenAll(Enumerable.Range(0, ChangesInFlight).Select(async _ =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                await writer.ScriptEvaluateAsync(Scripts.Change, [key], flags: RedisCalls.Primary);
            }
        }));
        try
        {
            return (int)await watcher.ScriptEvaluateAsync(Scripts.Watch, [key], [ReadsPerRound], RedisCalls.Primary) != 0;
        }
        finally
        {
            Volatile.Write(ref left, 0);
            await changes;
        }
    }
}
