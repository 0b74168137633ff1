using Mesh.Abstractions.Audit;

namespace Mesh.Grains.Audit;

/// <summary>
/// The audit log of the region. Every method throws <see cref="Mesh.Abstractions.Grains.StoreUnavailableException"/> as those
/// of the service store do.
/// </summary>
public interface IAuditStore
{
    /// <summary>Adds entries, all or none, and removes the oldest beyond the limit. What is there already stays once.</summary>
    /// <param name="keep">How many entries the list may have.</param>
    Task Add(AuditList list, IReadOnlyList<AuditEntry> entries, int keep);

    /// <param name="before">An entry's id, in the form of <see cref="AuditId"/>; from the newest on when null.</param>
    /// <returns>Newest first; fewer than <paramref name="count"/> at the end of the list only.</returns>
    Task<IReadOnlyList<AuditEntry>> Read(AuditList list, string? before, int count);
}
