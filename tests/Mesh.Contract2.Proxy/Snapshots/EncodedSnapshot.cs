using Mesh.Abstractions.Naming;
using Orleans.Concurrency;

namespace Mesh.Abstractions.Snapshots;

[GenerateSerializer, Immutable, Alias("mesh.EncodedSnapshot")]
public sealed record EncodedSnapshot(
    [property: Id(0)] ServiceName Service,
    [property: Id(1)] SnapshotVersion Version,
    [property: Id(2)] Immutable<byte[]> Json);
