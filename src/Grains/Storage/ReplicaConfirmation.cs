using Mesh.Abstractions.Grains;
using StackExchange.Redis;

namespace Mesh.Grains.Storage;

/// <summary>
/// Waits until enough replicas have a write, so that it survives the death of the primary (Redis' <c>WAIT</c>).
/// </summary>
/// <remarks>
/// <c>WAIT</c> speaks of all writes that its own connection has made, and keeps that connection waiting: so writes have a
/// connection of their own, and one <c>WAIT</c> at a time serves everybody whose write was answered before it was sent.
/// On a connection that was lost in between it would speak of nothing, and that is noticed.
/// </remarks>
internal sealed class ReplicaConfirmation
{
    private readonly RedisCalls _calls;
    private readonly string _store;
    private readonly int _replicas;
    private readonly TimeSpan _timeout;
    private readonly Lock _lock = new();
    private TaskCompletionSource<int>? _next;
    private bool _isRunning;
    private int _connections;

    /// <param name="multiplexer">The connection that writes are made on, and nothing else.</param>
    /// <param name="calls">Calls over that connection.</param>
    /// <param name="store">How messages call the store.</param>
    /// <param name="replicas">How many have to confirm; at least 1.</param>
    /// <param name="timeout">How long a write waits for them.</param>
    public ReplicaConfirmation(IConnectionMultiplexer multiplexer, RedisCalls calls, string store, int replicas, TimeSpan timeout)
    {
        (_calls, _store, _replicas, _timeout) = (calls, store, replicas, timeout);
        multiplexer.ConnectionFailed += (_, _) => Interlocked.Increment(ref _connections);
        multiplexer.ConnectionRestored += (_, _) => Interlocked.Increment(ref _connections);
    }

    /// <summary>Which connection a write is about to be made on; for <see cref="Confirm"/>.</summary>
    public int Connection => Volatile.Read(ref _connections);

    /// <summary>Completes when the replicas have all writes that were answered before the call.</summary>
    /// <param name="connection">What <see cref="Connection"/> was before the write.</param>
    /// <exception cref="StoreUnavailableException">Too few have confirmed in time, or nobody can tell.</exception>
    public async Task Confirm(int connection)
    {
        var confirmed = await Next();
        if (connection != Connection)
        {
            throw new StoreUnavailableException(
                $"The connection to the store, {_store}, broke before its replicas confirmed the write. It may or may not survive; read before you repeat it.");
        }

        if (confirmed < _replicas)
        {
            throw new StoreUnavailableException(
                $"The store, {_store}, has the write, but {confirmed} of {_replicas} replicas confirmed it within {_timeout.TotalSeconds} s (Mesh:RedisReplicas), " +
                "so that it may not survive a failover. Look whether the replicas run and follow: INFO replication. Read before you repeat it.");
        }
    }

    private Task<int> Next()
    {
        lock (_lock)
        {
            _next ??= new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
            var next = _next.Task;
            if (!_isRunning)
            {
                _isRunning = true;
                _ = Run();
            }

            return next;
        }
    }

    private async Task Run()
    {
        while (true)
        {
            TaskCompletionSource<int> waiting;
            lock (_lock)
            {
                if (_next is null)
                {
                    _isRunning = false;
                    return;
                }

                (waiting, _next) = (_next, null);
            }

            try
            {
                waiting.SetResult(await Ask());
            }
            catch (Exception exception)
            {
                waiting.SetException(exception);
            }
        }
    }

    private async Task<int> Ask() => (int)await _calls.Do(
        redis => redis.ExecuteAsync("WAIT", [_replicas, (long)_timeout.TotalMilliseconds], RedisCalls.Primary));
}
