using Mesh.Abstractions.Regions;

namespace Mesh.Grains.Regions;

/// <summary>What this silo knows of the peer regions, for the proxies connected to it.</summary>
public sealed class PeerReach
{
    private volatile RegionReach[] _current = [];

    /// <summary>Replaced as a whole, never changed.</summary>
    public RegionReach[] Current
    {
        get => _current;
        set => _current = value;
    }
}
