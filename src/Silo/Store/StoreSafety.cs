using StackExchange.Redis;

namespace Mesh.Silo.Store;

/// <summary>Warns of servers that may forget what they have acknowledged. A user who may not ask gets no warning.</summary>
internal static partial class StoreSafety
{
    public static async Task Warn(ConfigurationOptions redis, string store, ILogger logger)
    {
        var options = redis.Clone();

        // The client counts the question among those of administrators; servers let everybody ask.
        options.AllowAdmin = true;
        try
        {
            await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(options);
            foreach (var server in multiplexer.GetServers().Where(static server => server is { IsConnected: true, IsReplica: false }))
            {
                var facts = (await server.InfoAsync()).SelectMany(static section => section).ToLookup(static fact => fact.Key, static fact => fact.Value);
                Warn(key => facts[key].FirstOrDefault(), store, logger);
            }
        }
        catch (Exception exception) when (exception is RedisException or RedisCommandException or TimeoutException)
        {
            LogUnknown(logger, store, exception.Message);
        }
    }

    /// <param name="fact">What the server says of itself (<c>INFO</c>); null where it says nothing.</param>
    internal static void Warn(Func<string, string?> fact, string store, ILogger logger)
    {
        if (fact("maxmemory") is { } limit and not "0" && fact("maxmemory_policy") is { } policy and not "noeviction")
        {
            LogEviction(logger, store, policy, limit);
        }

        if (fact("aof_enabled") == "0")
        {
            LogNoAppendOnly(logger, store);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Store} drops keys when it is full (maxmemory-policy {Policy}, maxmemory {Limit}): services would vanish. Set maxmemory-policy noeviction")]
    private static partial void LogEviction(ILogger logger, string store, string policy, string limit);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Store} has no append-only file: when it ends, writes that were acknowledged since its last snapshot are lost unless a silo or a peer region still holds them. Set appendonly yes")]
    private static partial void LogNoAppendOnly(ILogger logger, string store);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Store} does not tell whether it may forget writes: {Reason}")]
    private static partial void LogUnknown(ILogger logger, string store, string reason);
}
