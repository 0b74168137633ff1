using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Naming;
using Mesh.Grains.Storage;
using Microsoft.Extensions.Logging;

namespace Mesh.Grains.Catalog;

/// <summary>
/// Has every record that a program before this one's form wrote last written anew, once, so that regions can compare it. It
/// runs beside the calls of the grain that starts it.
/// </summary>
internal sealed partial class OldRecords(IServiceStore store, Func<ServiceName, IServiceGrain> services, ILogger logger)
{
    /// <summary>How many are written at once.</summary>
    private const int AtOnce = 32;

    private Task _run = Task.CompletedTask;
    private bool _isDone;

    /// <summary>Goes on, unless it is done or under way. A store that goes away in between ends it until the next call.</summary>
    /// <param name="cancellationToken">Ends it for good.</param>
    public void Continue(CancellationToken cancellationToken)
    {
        if (!_isDone && _run.IsCompleted)
        {
            _run = Run(cancellationToken);
        }
    }

    private async Task Run(CancellationToken cancellationToken)
    {
        var count = 0;
        try
        {
            await foreach (var batch in store.FindWithoutDigest(cancellationToken).Chunk(AtOnce).WithCancellation(cancellationToken))
            {
                await Task.WhenAll(batch.Select(Renew));
                count += batch.Length;
            }

            _isDone = true;
        }
        catch (Exception exception) when (exception is StoreUnavailableException or TimeoutException or OrleansException)
        {
            LogInterrupted(exception.Message);
        }
        catch (OperationCanceledException)
        {
            // The catalog goes on elsewhere, and so does this.
        }

        if (count > 0)
        {
            LogRenewed(count);
        }
    }

    private async Task Renew(ServiceName service)
    {
        try
        {
            await services(service).Refresh();
        }
        catch (Exception exception) when (exception is not (StoreUnavailableException or TimeoutException or OrleansException))
        {
            // One that cannot be read must not keep all others from it.
            LogUnreadable(exception, service);
        }
    }

    [LoggerMessage(1204, LogLevel.Information, "{Count} services were last written by an older program; their records were written anew")]
    private partial void LogRenewed(int count);

    [LoggerMessage(1205, LogLevel.Warning, "Services that were last written by an older program are written anew later: {Reason}")]
    private partial void LogInterrupted(string reason);

    [LoggerMessage(1206, LogLevel.Error, "The record of {Service}, which an older program wrote last, could not be written anew; regions cannot compare it until it is written again")]
    private partial void LogUnreadable(Exception exception, ServiceName service);
}
