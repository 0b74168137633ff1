using Mesh.Abstractions.Naming;

namespace Mesh.Abstractions.Catalog;

/// <summary>The answer to "which service is this authority": null when none has that name.</summary>
[GenerateSerializer, Immutable, Alias("mesh.ResolvedAuthority")]
public sealed record ResolvedAuthority([property: Id(0)] ServiceName? Service);
