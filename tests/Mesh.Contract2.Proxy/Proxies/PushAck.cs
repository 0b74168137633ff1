using Mesh.Abstractions.Snapshots;

namespace Mesh.Abstractions.Proxies;

/// <summary>A proxy's answer to a push: what it uses now, and why not what was pushed.</summary>
[GenerateSerializer, Immutable, Alias("mesh.PushAck")]
public sealed record PushAck([property: Id(0)] SnapshotVersion Applied, [property: Id(1)] RejectedSnapshot? Rejected);
