namespace Mesh.Abstractions.Audit;

/// <summary>A part of the audit log, newest first.</summary>
public sealed record AuditPage
{
    public required IReadOnlyList<AuditEntry> Items { get; init; }

    /// <summary>Where to go on with <c>before</c>; null at the end of the log. A page may hold few entries and still have a next one.</summary>
    public string? Next { get; init; }
}
