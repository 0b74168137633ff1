namespace Mesh.Abstractions.Snapshots;

/// <summary>
/// Which snapshot somebody holds. The checksum tells two snapshots of one revision apart, which a store that failed
/// over with lost writes can produce; "same" means both are equal.
/// </summary>
/// <param name="Revision">The service's revision; 0 when nothing is held.</param>
/// <param name="Checksum">XXH3 of the encoded snapshot.</param>
[GenerateSerializer, Immutable, Alias("mesh.SnapshotVersion")]
public readonly record struct SnapshotVersion([property: Id(0)] long Revision, [property: Id(1)] ulong Checksum)
{
    public static SnapshotVersion None => default;
}
