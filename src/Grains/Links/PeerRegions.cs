namespace Mesh.Grains.Links;

/// <summary>The configured peers (<c>Mesh:Peers</c>).</summary>
internal sealed record PeerRegions(IReadOnlyList<PeerRegion> All)
{
    public PeerRegion? Find(string name) => All.FirstOrDefault(peer => peer.Name == name);
}
