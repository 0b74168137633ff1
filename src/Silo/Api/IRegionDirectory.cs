using Mesh.Abstractions.Regions;

namespace Mesh.Silo.Api;

/// <summary>The links to the peer regions.</summary>
internal interface IRegionDirectory
{
    /// <returns>One per configured peer, in the order of their names.</returns>
    Task<IReadOnlyList<RegionLinkView>> List();
}
