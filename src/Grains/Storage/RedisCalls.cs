using Mesh.Abstractions.Grains;
using StackExchange.Redis;

namespace Mesh.Grains.Storage;

/// <summary>Bounds every call to Redis in time, and says of a failed one what to look at.</summary>
/// <param name="store">How messages call the store, such as <c>Redis at 10.0.0.1:6379 (Mesh:Redis)</c>. No secrets.</param>
internal sealed class RedisCalls(IConnectionMultiplexer multiplexer, string store, TimeProvider time)
{
    /// <summary>
    /// Replicas answer with the past, and a write that was acknowledged must be seen by the next read: so the primary
    /// is asked, or nobody.
    /// </summary>
    public const CommandFlags Primary = CommandFlags.DemandMaster;

    /// <summary>1.5 s, which leaves a caller time to answer within 2.</summary>
    public static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(1.5);

    /// <summary>How long a call may take, by a clock of our own: the client's runs at the pace of its heartbeat.</summary>
    public TimeSpan Limit { get; init; } = DefaultLimit;

    /// <exception cref="StoreUnavailableException">Not connected, no answer in time, or the server refused.</exception>
    public async Task<T> Do<T>(Func<IDatabase, Task<T>> call, CancellationToken cancellationToken = default)
    {
        try
        {
            return await call(multiplexer.GetDatabase()).WaitAsync(Limit, time, cancellationToken);
        }
        catch (TimeoutException exception)
        {
            throw new StoreUnavailableException(
                $"The store, {store}, did not answer within {Limit.TotalSeconds} s. Look whether it is overloaded, stopped, or cut off from here.",
                exception);
        }
        catch (Exception exception) when (
            exception is RedisConnectionException or ObjectDisposedException ||
            (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new StoreUnavailableException(
                $"The store, {store}, is not connected. Look whether it runs and can be reached from here; the connection comes back by itself.",
                Portable(exception));
        }
        catch (Exception exception) when (exception is RedisException or RedisCommandException)
        {
            throw new StoreUnavailableException($"The store, {store}, refused: {exception.Message.TrimEnd('.')}.{RedisRefusal.Advise(exception.Message)}", Portable(exception));
        }
    }

    /// <summary>The client's own exceptions cannot travel to another silo, and would make of a refusal an error there.</summary>
    private static InvalidOperationException Portable(Exception exception) => new(exception.Message);
}
