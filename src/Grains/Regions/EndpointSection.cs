namespace Mesh.Grains.Regions;

/// <summary>Which state of a region's endpoints a record holds. Only that region writes them.</summary>
/// <param name="Version">The highest wins.</param>
/// <param name="Since">
/// The first version of this line. A region whose own line is younger than the one a peer remembers has lost its store
/// and begun anew; see <see cref="OwnEndpoints"/>.
/// </param>
public sealed record EndpointSection(HybridTime Version, HybridTime Since);
