using System.Net;
using Mesh.Abstractions.Grains;
using Mesh.Grains.Storage;
using StackExchange.Redis;

namespace Mesh.Silo.Store;

/// <summary>
/// The silo's one connection to its region's store, and the store itself when the silo hosts it. It is opened before
/// the host is built, because Orleans' membership needs it first, and closed after the host has stopped, because
/// membership needs it last.
/// </summary>
internal sealed partial class StoreConnection : IAsyncDisposable
{
    /// <summary>
    /// How long a silo waits for a server that does not answer before it gives up. Long enough for a server that
    /// starts together with the silo; after that, a supervisor's restart and this message help more than waiting.
    /// </summary>
    public static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(10);

    private readonly EmbeddedStore? _embedded;
    private IConnectionMultiplexer? _writes;

    private StoreConnection(StoreOptions options, EmbeddedStore? embedded, string name, IConnectionMultiplexer multiplexer, TimeProvider time)
    {
        Options = options;
        Name = name;
        Multiplexer = multiplexer;
        Keys = new RedisKeys(options.Region, options.RedisPrefix);
        Calls = new RedisCalls(multiplexer, name, time);
        _embedded = embedded;
    }

    public StoreOptions Options { get; }

    /// <summary>How messages call the store; holds no secret.</summary>
    public string Name { get; }

    public IConnectionMultiplexer Multiplexer { get; }

    public RedisKeys Keys { get; }

    public RedisCalls Calls { get; }

    /// <summary>The connection that writes of services are made on; null when it is the same.</summary>
    public RedisCalls? Writes { get; private set; }

    /// <summary>Null when writes wait for no replica.</summary>
    public ReplicaConfirmation? Replicas { get; private set; }

    /// <exception cref="StoreStartException">The store cannot be used; nothing is left open.</exception>
    public static async Task<StoreConnection> OpenAsync(
        StoreOptions options, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken = default)
    {
        var logger = loggers.CreateLogger<StoreConnection>();
        var embedded = string.IsNullOrWhiteSpace(options.Redis) ? EmbeddedStore.Start(options.DataDirectory, loggers) : null;
        StoreConnection? connection = null;
        try
        {
            var redis = RedisConfiguration.Of(embedded?.ConnectionString ?? options.Redis!).UseTls(options.RedisTls, "Mesh:RedisTls");
            var name = embedded is null
                ? $"Redis at {string.Join(", ", redis.EndPoints.Select(Describe))} (Mesh:Redis)"
                : $"hosted by this silo in {embedded.Directory} (Mesh:DataDirectory)";
            connection = new StoreConnection(options, embedded, name, await Connect(redis, name), time);

            await connection.Insist(static redis => redis.PingAsync(RedisCalls.Primary), time, cancellationToken);
            await ScriptAtomicityCheck.Run(redis, connection.Keys, name, cancellationToken);
            if (options.RedisReplicas > 0)
            {
                await connection.OpenWrites(redis, time, logger, cancellationToken);
            }

            if (embedded is not null)
            {
                // A silo that was killed stays in the membership table, and one that comes back on other ports would
                // wait minutes for it. Only this silo can use this store, so whoever is in the table is gone.
                var members = MeshClustering.MembershipKey(options.Region, options.RedisPrefix);
                await connection.Insist(redis => redis.KeyDeleteAsync(members, RedisCalls.Primary), time, cancellationToken);
            }

            LogOpened(logger, name, options.Region);
            if (embedded is null)
            {
                await StoreSafety.Warn(redis, name, logger);
            }

            return connection;
        }
        catch
        {
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }
            else
            {
                embedded?.Dispose();
            }

            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_writes is not null)
        {
            await _writes.DisposeAsync();
        }

        await Multiplexer.DisposeAsync();
        _embedded?.Dispose();
    }

    private static async Task<IConnectionMultiplexer> Connect(ConfigurationOptions redis, string name)
    {
        try
        {
            return await ConnectionMultiplexer.ConnectAsync(redis);
        }
        catch (Exception exception) when (exception is RedisException or ArgumentException)
        {
            throw new StoreStartException($"The store, {name}, cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>Writes get a connection of their own, since waiting for replicas holds it up.</summary>
    private async Task OpenWrites(ConfigurationOptions redis, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        _writes = await Connect(redis, Name);
        Writes = new RedisCalls(_writes, Name, time);
        Replicas = new ReplicaConfirmation(_writes, Writes, Name, Options.RedisReplicas, Options.RedisReplicasTimeout);
        await Insist(static redis => redis.PingAsync(RedisCalls.Primary), time, cancellationToken);
        int connected;
        try
        {
            connected = (int)await Calls.Do(static redis => redis.ExecuteAsync("WAIT", [0, 0], RedisCalls.Primary), cancellationToken);
        }
        catch (StoreUnavailableException exception)
        {
            throw new StoreStartException($"Mesh:RedisReplicas is {Options.RedisReplicas}, and the server does not do WAIT. {exception.Message}", exception);
        }

        if (connected < Options.RedisReplicas)
        {
            LogFewReplicas(logger, Name, connected, Options.RedisReplicas);
        }
    }

    /// <summary>Repeats a call until it is answered.</summary>
    private async Task Insist<T>(Func<IDatabase, Task<T>> call, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                await Calls.Do(call, cancellationToken);
                return;
            }
            catch (StoreUnavailableException exception)
            {
                if (time.GetElapsedTime(started) >= StartLimit)
                {
                    throw new StoreStartException(
                        $"No answer from the store for {StartLimit.TotalSeconds} s, and a silo cannot start without it. {exception.Message} " +
                        $"The last reason was: {exception.InnerException?.Message}",
                        exception);
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancellationToken);
        }
    }

    private static string Describe(EndPoint endpoint) => endpoint switch
    {
        DnsEndPoint dns => $"{dns.Host}:{dns.Port}",
        _ => endpoint.ToString() ?? "",
    };

    [LoggerMessage(Level = LogLevel.Information, Message = "The store of region {Region} is {Name}")]
    private static partial void LogOpened(ILogger logger, string name, string region);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Store} has {Connected} replicas; every write waits for {Replicas} (Mesh:RedisReplicas) and is refused until there are as many")]
    private static partial void LogFewReplicas(ILogger logger, string store, int connected, int replicas);
}
