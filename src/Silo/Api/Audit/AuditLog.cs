using System.Diagnostics.Metrics;
using Mesh.Abstractions.Audit;

namespace Mesh.Silo.Api.Audit;

/// <summary>Writes every entry to the process' log, at once, and hands it to those that store it.</summary>
internal sealed partial class AuditLog : IDisposable
{
    public const string MeterName = "Mesh.Audit";

    /// <summary>The category of the log lines, for those who collect them.</summary>
    public const string Category = "Mesh.Audit";

    private readonly Meter _meter;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _folded;
    private readonly ILogger _logger;

    public AuditLog(IMeterFactory meters, ILoggerFactory loggers)
    {
        _logger = loggers.CreateLogger(Category);
        _meter = meters.Create(MeterName);
        _dropped = _meter.CreateCounter<long>("mesh_audit_dropped", description: "Entries of the audit log that are in the silo's log only: the store was away for too long");
        _folded = _meter.CreateCounter<long>("mesh_audit_folded", description: "Refusals of those who did not say who they are that are not in the audit log: one like them was, within a minute");
        Accepted = new AuditQueue(AuditList.Accepted, CountDropped);
        Refused = new AuditQueue(AuditList.Refused, CountDropped);
    }

    public AuditQueue Accepted { get; }

    public AuditQueue Refused { get; }

    /// <summary>Never waits, and never fails the request.</summary>
    public void Record(AuditEntry entry, AuditList list, bool isStored)
    {
        LogEntry(
            list, entry.By, entry.From, entry.Method, entry.Path, entry.Status, entry.Resource, Describe(entry), entry.At, entry.Region, entry.Silo, entry.Id);
        if (isStored)
        {
            (list == AuditList.Accepted ? Accepted : Refused).Add(entry);
        }
    }

    /// <summary>A refusal that is recorded by the one before it.</summary>
    public void CountFolded() => _folded.Add(1);

    public void Dispose() => _meter.Dispose();

    private static string Describe(AuditEntry entry)
    {
        if (entry.Changes.Count == 0)
        {
            return "nothing";
        }

        var changes = string.Join(", ", entry.Changes.Select(static change => change.Revision is { } revision ? $"{change.Service}@{revision}" : $"{change.Service} deleted"));
        return entry.ChangesTotal is { } total ? $"{changes}, ... ({total} in all)" : changes;
    }

    private void CountDropped(AuditList list) =>
        _dropped.Add(1, new KeyValuePair<string, object?>("list", list == AuditList.Accepted ? "accepted" : "refused"));

    [LoggerMessage(
        3201,
        LogLevel.Information,
        "{Outcome}: {By} from {From}: {Method} {Path} was answered {Status}; resource {Resource}, stored {Changes}; {At:O}, region {Region}, silo {Silo}, entry {Id}")]
    private partial void LogEntry(
        AuditList outcome, string by, string? from, string method, string path, int status, string? resource, string changes, DateTimeOffset at, string region, string silo, string id);
}
