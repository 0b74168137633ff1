using System.Net;
using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Naming;
using Mesh.Grains.Storage;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Mesh.Grains.Links;

/// <summary>The connection to a peer region's store. Nothing is ever written to it.</summary>
internal sealed class PeerStore : IAsyncDisposable
{
    /// <summary>How long an answer may take: more than from the own store, since peers are far away.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly IConnectionMultiplexer _multiplexer;
    private readonly RedisCalls _calls;
    private readonly RedisKeys _keys;
    private readonly IDisposable _subscription;
    private readonly string _name;

    private PeerStore(IConnectionMultiplexer multiplexer, PeerRegion peer, string name, Action onChange, ILoggerFactory loggers, TimeProvider time)
    {
        _multiplexer = multiplexer;
        _name = name;
        _keys = new RedisKeys(peer.Name, peer.Prefix);
        _calls = new RedisCalls(multiplexer, name, time) { Limit = Limit };
        Log = new ChangeLog(_calls, _keys, loggers.CreateLogger<ChangeLog>());
        _subscription = new RedisChangeFeed(multiplexer, _keys, loggers.CreateLogger<RedisChangeFeed>()).Subscribe(_ => onChange());
    }

    public ChangeLog Log { get; }

    /// <summary>Completes whether or not the store can be reached: what is asked of it then tells.</summary>
    /// <param name="onChange">Called, on any thread, when the peer has written something.</param>
    /// <exception cref="StoreUnavailableException">Not even an attempt was possible.</exception>
    public static async Task<PeerStore> Connect(PeerRegion peer, Action onChange, ILoggerFactory loggers, TimeProvider time)
    {
        var name = $"Redis of region {peer.Name} at {string.Join(", ", peer.Redis.EndPoints.Select(Describe))} (Mesh:Peers:{peer.Name}:Redis)";
        try
        {
            return new PeerStore(await ConnectionMultiplexer.ConnectAsync(peer.Redis), peer, name, onChange, loggers, time);
        }
        catch (Exception exception) when (exception is RedisException or ArgumentException)
        {
            throw new StoreUnavailableException($"The store, {name}, cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>Completes when the store answers, and says why not otherwise.</summary>
    public async Task<ShardHead[]> ReadHeads(CancellationToken cancellationToken)
    {
        try
        {
            return await Log.ReadHeads(cancellationToken);
        }
        catch (StoreUnavailableException exception) when (IsRefused(exception))
        {
            throw new StoreUnavailableException($"The store, {_name}, refuses the user or the password; look at both in Mesh:Peers.", exception);
        }
    }

    /// <summary>The records as they are stored; null where there is none.</summary>
    public async Task<byte[]?[]> ReadRecords(IEnumerable<ServiceName> services, CancellationToken cancellationToken)
    {
        var records = await _calls.Do(
            redis => Task.WhenAll(services.Select(service =>
                redis.HashGetAsync(_keys.Service(service), RedisServiceStore.Record, RedisCalls.Primary))),
            cancellationToken);
        return [.. records.Select(static record => (byte[]?)record)];
    }

    /// <returns>Null when the peer's silos have not written one.</returns>
    public async Task<Heartbeat?> ReadHeartbeat(CancellationToken cancellationToken) => Heartbeat.Of(await _calls.Do(
        redis => redis.HashGetAsync(_keys.Heartbeat, Heartbeat.Fields, RedisCalls.Primary), cancellationToken));

    public async ValueTask DisposeAsync()
    {
        _subscription.Dispose();
        await _multiplexer.DisposeAsync();
    }

    /// <summary>Whether the server does not let us in: the client tells that only as the reason of a lost connection.</summary>
    private static bool IsRefused(Exception exception)
    {
        for (var inner = exception.InnerException; inner is not null; inner = inner.InnerException)
        {
            if (inner.Message.Contains("WRONGPASS", StringComparison.Ordinal) || inner.Message.Contains("NOAUTH", StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static string Describe(EndPoint endpoint) => endpoint is DnsEndPoint dns ? $"{dns.Host}:{dns.Port}" : endpoint.ToString() ?? "";
}
