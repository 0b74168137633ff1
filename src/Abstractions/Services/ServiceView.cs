using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Naming;

namespace Mesh.Abstractions.Services;

/// <summary>A service as its grain holds it.</summary>
public sealed record ServiceView
{
    public required ServiceName Service { get; init; }

    /// <summary>Grows with every change of any kind; what proxies compare.</summary>
    public required long Revision { get; init; }

    /// <summary>The revision at which the spec last changed: the entity tag of the service, its routes and its traffic policy.</summary>
    public required long SpecRevision { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public required ServiceSpec Spec { get; init; }

    public IReadOnlyList<Endpoint> Endpoints { get; init; } = [];

    /// <summary>Endpoints whose lease ran out but that are kept, because more than half of the leases ran out at once.</summary>
    public IReadOnlyList<string> PreservedEndpoints { get; init; } = [];
}
