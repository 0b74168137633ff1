using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Naming;
using Mesh.Grains.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Grains.Services;

/// <summary>
/// Has this silo's grains compare themselves with the store where the two may have parted:
/// <list type="bullet">
/// <item>Somebody else wrote. A silo that was frozen and evicted goes on for a moment when it thaws: what its grains store
/// then, and acknowledge, the grains that took over would not know of.</item>
/// <item>The store lost writes: it was emptied, or failed over to an older copy. What grains hold is written back
/// (<see cref="WriteBack"/>), also of services that nobody asks for.</item>
/// </list>
/// </summary>
/// <remarks>
/// The store tells of every write, but not reliably, so that all active services are looked at now and then too. A write
/// of the grain's own costs one short read of the store, a moment later.
/// </remarks>
internal sealed partial class StoreWatch(IServiceStore store, IChangeFeed feed, ActiveServices active, TimeProvider time, ILogger<StoreWatch> logger)
    : BackgroundService
{
    /// <summary>How long after a write its service is looked at, and how often the store is asked whether it lost any.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>How often all active services are looked at.</summary>
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromMinutes(1);

    private static readonly ParallelOptions Bounded = new() { MaxDegreeOfParallelism = 32 };

    private CatalogCursor _seen = CatalogCursor.Start;

    /// <summary>The store does not answer: what is left of the round waits for the next.</summary>
    private volatile bool _isAway;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var subscription = feed.Subscribe(active.Mark);
        using var timer = new PeriodicTimer(Period, time);
        var sweptAt = time.GetTimestamp();
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (time.GetElapsedTime(sweptAt) >= SweepPeriod || await HasLostWrites())
                {
                    active.MarkAll();
                    sweptAt = time.GetTimestamp();
                }

                _isAway = false;
                await Parallel.ForEachAsync(active.TakeMarked(), Bounded, async (service, _) => await Check(service));
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops.
        }
    }

    private async Task<bool> HasLostWrites()
    {
        try
        {
            var cursor = await store.ReadCursor();
            var hasLost = cursor.HasLost(_seen);
            _seen = cursor;
            if (hasLost)
            {
                LogLost(active.Count);
            }

            return hasLost;
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
        catch (Exception exception)
        {
            // What is damaged in the store must not end the silo.
            LogUnread(exception.Message);
            return false;
        }
    }

    private async Task Check(ServiceName service)
    {
        if (_isAway)
        {
            active.Mark(service);
            return;
        }

        try
        {
            await active.Check(service).WaitAsync(RedisCalls.DefaultLimit * 2, time);
        }
        catch (Exception exception)
        {
            // The store is away, or the grain has just ended; the next round tells.
            _isAway |= exception is StoreUnavailableException;
            active.Mark(service);
            LogUnchecked(exception is StoreUnavailableException ? null : exception, service);
        }
    }

    [LoggerMessage(1011, LogLevel.Debug, "Service {Service} could not be compared with the store; it is tried again")]
    private partial void LogUnchecked(Exception? exception, ServiceName service);

    [LoggerMessage(1013, LogLevel.Warning, "Whether the store has lost writes cannot be told: what it says of its shards cannot be read ({Reason})")]
    private partial void LogUnread(string reason);

    [LoggerMessage(1012, LogLevel.Warning, "The store has lost writes: it was emptied, or failed over to an older copy. The {Count} services that are active on this silo are compared with it, and what it lacks is written back")]
    private partial void LogLost(int count);
}
