namespace Mesh.Abstractions.Grains;

/// <summary>What a service made of a peer region's record.</summary>
/// <param name="IsChanged">There was something new in it; it is stored and pushed.</param>
/// <param name="Conflicts">How many conflicts were resolved; the service's revisions tell them.</param>
/// <param name="ClockLead">How far the peer's clock was ahead of ours when it last wrote the service; negative when behind, or when that was long ago.</param>
[GenerateSerializer, Immutable, Alias("mesh.MergeReply")]
public sealed record MergeReply([property: Id(0)] bool IsChanged, [property: Id(1)] int Conflicts, [property: Id(2)] TimeSpan ClockLead);
