namespace Mesh.Silo.Api.Audit;

/// <summary>Endpoint metadata: what of a request becomes an entry of the audit log. Without it, all but reads and dry runs is.</summary>
internal enum AuditScope
{
    /// <summary>A line in the log, and an entry in the store.</summary>
    Stored,

    /// <summary>A line in the log only: what proxies ask for, as often as they need it, and what is asked of paths that there are not.</summary>
    LogOnly,

    /// <summary>Nothing: it reads, whatever its method is.</summary>
    None,
}
