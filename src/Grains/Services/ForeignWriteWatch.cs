using Mesh.Abstractions.Grains;
using Mesh.Grains.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Grains.Services;

/// <summary>
/// Finds services that somebody else than their grain has written. A silo that was frozen and evicted goes on for a moment
/// when it thaws: what its grains store then, and acknowledge, the grains that took over would not know of.
/// </summary>
/// <remarks>
/// The store tells of every write, but not reliably, so that all active services are looked at now and then too. A write
/// of the grain's own costs one short read of the store, a moment later.
/// </remarks>
internal sealed partial class ForeignWriteWatch(IChangeFeed feed, ActiveServices active, TimeProvider time, ILogger<ForeignWriteWatch> logger)
    : BackgroundService
{
    /// <summary>How long after a write its service is looked at.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>How often all active services are.</summary>
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromMinutes(1);

    private static readonly ParallelOptions Bounded = new() { MaxDegreeOfParallelism = 32 };

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var subscription = feed.Subscribe(active.Mark);
        using var timer = new PeriodicTimer(Period, time);
        var sweptAt = time.GetTimestamp();
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (time.GetElapsedTime(sweptAt) >= SweepPeriod)
                {
                    active.MarkAll();
                    sweptAt = time.GetTimestamp();
                }

                await Parallel.ForEachAsync(active.TakeMarked(), Bounded, async (service, _) => await Check(service));
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops.
        }
    }

    private async Task Check(Abstractions.Naming.ServiceName service)
    {
        try
        {
            await active.Check(service).WaitAsync(RedisCalls.DefaultLimit * 2, time);
        }
        catch (Exception exception)
        {
            // The store is away, or the grain has just ended; the next round tells.
            active.Mark(service);
            LogUnchecked(service, exception is StoreUnavailableException ? null : exception);
        }
    }

    [LoggerMessage(1011, LogLevel.Debug, "Service {Service} could not be compared with the store; it is tried again")]
    private partial void LogUnchecked(Abstractions.Naming.ServiceName service, Exception? exception);
}
