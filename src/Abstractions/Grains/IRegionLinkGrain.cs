using Mesh.Abstractions.Regions;
using Orleans.Concurrency;

namespace Mesh.Abstractions.Grains;

/// <summary>
/// Takes up what a peer region changes. Key: the peer's region. Orleans' single activation elects which silo does it;
/// every silo asks for its status every few seconds, which starts it again after its silo ended.
/// </summary>
[Alias("mesh.IRegionLinkGrain")]
public interface IRegionLinkGrain : IGrainWithStringKey
{
    /// <returns>Null when the silo it runs on does not know the peer (any more).</returns>
    [AlwaysInterleave, Alias("GetStatus"), ResponseTimeout(ControlPlaneTimeouts.Call)]
    Task<RegionLinkView?> GetStatus();
}
