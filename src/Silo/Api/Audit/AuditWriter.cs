using Mesh.Grains.Audit;

namespace Mesh.Silo.Api.Audit;

/// <summary>Brings the audit log into the store, behind the requests, and what is left of it when the silo stops.</summary>
internal sealed class AuditWriter(AuditLog log, IAuditStore store, AuditSettings settings, TimeProvider time, ILogger<AuditWriter> logger)
    : BackgroundService
{
    private readonly AuditDrain _accepted = new(log.Accepted, settings.MaxEntries, store, time, logger);
    private readonly AuditDrain _refused = new(log.Refused, AuditSettings.MaxRefused, store, time, logger);

    /// <summary>The API has stopped before: hosted services end in the reverse order, and it is the last one.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (ExecuteTask is { IsCompleted: true })
        {
            await Task.WhenAll(_accepted.Finish(), _refused.Finish());
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(_accepted.Run(stoppingToken), _refused.Run(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops.
        }
    }
}
