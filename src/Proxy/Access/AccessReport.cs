using Mesh.Proxy.Telemetry;

namespace Mesh.Proxy.Access;

/// <summary>Counts and logs what is decided; each request once.</summary>
internal sealed partial class AccessReport(AccessStats stats, TimeProvider time, ILogger<AccessReport> logger)
{
    // One each: many reports of an audit must not hide the refusals.
    private readonly LogLimit _deniedLimit = new(time, TimeSpan.FromSeconds(1));
    private readonly LogLimit _auditedLimit = new(time, TimeSpan.FromSeconds(1));

    public void Allowed() => stats.CountAllowed();

    public void Audited(in AccessRequest request, in AccessFinding finding)
    {
        stats.CountAudited(finding.Rule);
        if (_auditedLimit.TryPass())
        {
            LogAudited(request.Describe(), finding.Reason);
        }
    }

    public void Denied(in AccessRequest request, in AccessFinding finding)
    {
        stats.CountDenied(finding.Rule);
        if (_deniedLimit.TryPass())
        {
            LogDenied(request.Describe(), finding.Reason);
        }
    }

    public void Ended(in AccessRequest request, string reason)
    {
        stats.CountEnded();
        LogEnded(request.Describe(), reason);
    }

    [LoggerMessage(2801, LogLevel.Warning, "Refused {Caller}: {Reason}")]
    private partial void LogDenied(string caller, string reason);

    [LoggerMessage(2802, LogLevel.Warning, "Would refuse {Caller}, but only reports it (audit): {Reason}")]
    private partial void LogAudited(string caller, string reason);

    [LoggerMessage(2803, LogLevel.Warning, "Ended what {Caller} had under way: {Reason}")]
    private partial void LogEnded(string caller, string reason);
}
