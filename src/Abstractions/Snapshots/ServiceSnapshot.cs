using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;

namespace Mesh.Abstractions.Snapshots;

/// <summary>All that a proxy needs to serve one service, at one revision.</summary>
public sealed record ServiceSnapshot
{
    public required ServiceName Service { get; init; }

    public required long Revision { get; init; }

    /// <summary>Null when the service was deleted.</summary>
    public ServiceSpec? Spec { get; init; }

    public IReadOnlyList<Endpoint> Endpoints { get; init; } = [];
}
