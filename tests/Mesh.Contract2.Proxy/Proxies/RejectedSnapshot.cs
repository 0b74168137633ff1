namespace Mesh.Abstractions.Proxies;

/// <summary>A snapshot a proxy could not use; it goes on with the one before.</summary>
[GenerateSerializer, Immutable, Alias("mesh.RejectedSnapshot")]
public sealed record RejectedSnapshot([property: Id(0)] long Revision, [property: Id(1)] string Reason);
