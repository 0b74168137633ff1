using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Snapshots;

namespace Mesh.Abstractions.Proxies;

/// <summary>What a proxy holds of one service it uses.</summary>
[GenerateSerializer, Immutable, Alias("mesh.HeldSnapshot")]
public readonly record struct HeldSnapshot(
    [property: Id(0)] ServiceName Service,
    [property: Id(1)] SnapshotVersion Version,
    [property: Id(2)] RejectedSnapshot? Rejected);
