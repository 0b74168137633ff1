using Mesh.Abstractions.Naming;

namespace Mesh.Abstractions.Audit;

/// <summary>A service that a request changed.</summary>
public sealed record AuditChange
{
    public required ServiceName Service { get; init; }

    /// <summary>The service's revision from then on; null where it was deleted.</summary>
    public long? Revision { get; init; }
}
