using Mesh.Grains.Storage;
using StackExchange.Redis;

namespace Mesh.Silo.Store;

/// <summary>
/// Makes sure that the server runs one script at a time. Some servers that speak Redis' protocol do not, unless told
/// to: there, two writes of a service could both succeed and one be lost, and Orleans' membership likewise. Several
/// connections count to a sum, by reading and writing; with scripts that mix, the sum comes out too small.
/// </summary>
internal static class ScriptAtomicityCheck
{
    private const int Connections = 4;
    private const int ScriptsPerConnection = 25;
    private const int IncrementsPerScript = 20;
    private const int Expected = Connections * ScriptsPerConnection * IncrementsPerScript;

    /// <exception cref="StoreStartException">Scripts mix, or the server cannot run them.</exception>
    public static async Task Run(ConfigurationOptions redis, RedisKeys keys, string store, CancellationToken cancellationToken)
    {
        var options = redis.Clone();
        options.AbortOnConnectFail = true;
        var key = keys.Probe(shard: 0, Guid.NewGuid().ToString("n"));
        var multiplexers = new List<ConnectionMultiplexer>();
        try
        {
            multiplexers.AddRange(await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => ConnectionMultiplexer.ConnectAsync(options))));
            await Task.WhenAll(multiplexers.SelectMany(multiplexer => Increments(multiplexer.GetDatabase(), key))).WaitAsync(cancellationToken);

            var database = multiplexers[0].GetDatabase();
            var sum = (long)await database.HashGetAsync(key, "value", RedisCalls.Primary);
            await database.KeyDeleteAsync(key, RedisCalls.Primary);
            if (sum != Expected)
            {
                throw new StoreStartException(
                    $"The store, {store}, mixes Lua scripts that run at the same time ({Expected - sum} of {Expected} additions were lost), " +
                    "so it would lose writes. On Garnet, start it with --lua-transaction-mode; otherwise use Redis 6.2 or newer, or Valkey.");
            }
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            throw new StoreStartException(
                $"The store, {store}, could not run the scripts Mesh needs: {exception.Message} " +
                "It must be Redis 6.2 or newer, Valkey, or Garnet with --lua and --lua-transaction-mode, and allow EVAL, EVALSHA and SCRIPT LOAD.",
                exception);
        }
        finally
        {
            foreach (var multiplexer in multiplexers)
            {
                await multiplexer.DisposeAsync();
            }
        }
    }

    private static IEnumerable<Task> Increments(IDatabase database, RedisKey key) =>
        Enumerable.Range(0, ScriptsPerConnection).Select(_ =>
            database.ScriptEvaluateAsync(Scripts.Increment, [key], [IncrementsPerScript], RedisCalls.Primary));
}
