namespace Mesh.Grains;

/// <summary>The region this silo belongs to (<c>Mesh:Region</c>): the owner of the endpoints registered here.</summary>
public sealed record MeshRegion(string Name);
