namespace Mesh.Abstractions.Audit;

/// <summary>The two lists of the audit log: whoever is refused again and again cannot push out what was changed.</summary>
public enum AuditList
{
    /// <summary>What changed something, would have if it had not been so already, or may have.</summary>
    Accepted,

    /// <summary>What was refused and changed nothing.</summary>
    Refused,
}
