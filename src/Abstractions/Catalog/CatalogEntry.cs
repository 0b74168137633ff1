using Mesh.Abstractions.Naming;

namespace Mesh.Abstractions.Catalog;

/// <summary>What the catalog knows of a service: enough to list it and to find it by its names.</summary>
public sealed record CatalogEntry
{
    public required ServiceName Service { get; init; }

    /// <summary>The service's revision this entry was made at.</summary>
    public required long Revision { get; init; }

    public required long SpecRevision { get; init; }

    public IReadOnlyList<string> Hosts { get; init; } = [];

    public int Rules { get; init; }

    public int Endpoints { get; init; }

    /// <summary>The service was deleted; the entry only says so.</summary>
    public bool Deleted { get; init; }
}
