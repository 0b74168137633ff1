using Mesh.Abstractions.Audit;
using Mesh.Grains.Audit;

namespace Mesh.Silo.Api.Audit;

/// <summary>
/// Brings the entries of one list into the store. While the store is away they wait; a batch whose answer got lost is sent
/// again, which the store notices.
/// </summary>
internal sealed partial class AuditDrain(AuditQueue queue, int keep, IAuditStore store, TimeProvider time, ILogger logger)
{
    private const int BatchSize = 100;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly List<AuditEntry> _batch = new(BatchSize);

    /// <summary>Until it is cancelled.</summary>
    public async Task Run(CancellationToken cancellationToken)
    {
        var isFailing = false;
        var dropped = 0L;
        while (true)
        {
            await queue.Wait(cancellationToken);
            queue.Fill(_batch, BatchSize);
            while (await Store() is { } failure)
            {
                if (!isFailing)
                {
                    LogFailing(queue.List, failure);
                }

                isFailing = true;
                await Task.Delay(RetryAfter, time, cancellationToken);
            }

            if (isFailing)
            {
                LogBack(queue.List, queue.Dropped - dropped);
            }

            (isFailing, dropped) = (false, queue.Dropped);
        }
    }

    /// <summary>Stores what is left, as far as it can be without waiting for the store to come back.</summary>
    public async Task Finish()
    {
        for (queue.Fill(_batch, BatchSize); _batch.Count > 0; queue.Fill(_batch, BatchSize))
        {
            if (await Store() is { } failure)
            {
                LogLeft(queue.List, failure);
                return;
            }
        }
    }

    /// <returns>Why not, or null.</returns>
    private async Task<string?> Store()
    {
        try
        {
            await store.Add(queue.List, _batch, keep);
            _batch.Clear();
            return null;
        }
        catch (Exception exception)
        {
            // Whatever it is: it must neither end the silo nor lose what waits.
            return exception.Message;
        }
    }

    [LoggerMessage(3202, LogLevel.Warning, "The audit log ({List}) cannot be stored; entries wait, and are in this log in any case: {Reason}")]
    private partial void LogFailing(AuditList list, string reason);

    [LoggerMessage(3203, LogLevel.Information, "The audit log ({List}) is stored again; {Dropped} entries did not find room meanwhile and are in this log only")]
    private partial void LogBack(AuditList list, long dropped);

    [LoggerMessage(3204, LogLevel.Warning, "The silo stops before its last entries of the audit log ({List}) were stored; they are in this log only: {Reason}")]
    private partial void LogLeft(AuditList list, string reason);
}
