namespace Mesh.EndToEnd.Tests.Regions;

/// <summary>A fault that happens to a region for a while.</summary>
/// <param name="Region">Its number.</param>
/// <param name="Peer">The number of the region that a link leads to; of no meaning to other faults.</param>
/// <param name="Choice">Which silo, or which snapshot: a number to be taken modulo how many there are.</param>
internal sealed record PlannedFault(RegionFault Fault, int Region, int Peer, int Choice, TimeSpan Delay, TimeSpan Length)
{
    public FaultyPart Parts => Fault switch
    {
        RegionFault.RedisKilled or RegionFault.RedisFrozen or RegionFault.RedisSlow or RegionFault.RedisFull or RegionFault.RedisReadOnly
            or RegionFault.RedisFlushed or RegionFault.RedisRestartedEmpty or RegionFault.RedisWentBack => FaultyPart.Store,
        RegionFault.SiloKilled or RegionFault.SiloFrozen or RegionFault.AllSilosKilled => FaultyPart.Silos,
        RegionFault.ProxyKilledWithoutControlPlane => FaultyPart.Proxy | FaultyPart.Silos,

        // Without the control plane, nobody could tell the proxy what the torn file held.
        RegionFault.SnapshotTorn => FaultyPart.Proxy | FaultyPart.Silos | FaultyPart.Store,
        RegionFault.ProxyKilled => FaultyPart.Proxy,
        _ => FaultyPart.Link,
    };

    /// <summary>A store loses what it was given, so that only its silos' memory and the peers hold it.</summary>
    public bool Forgets => Fault is RegionFault.RedisFlushed or RegionFault.RedisRestartedEmpty or RegionFault.RedisWentBack;

    /// <summary>
    /// Which faults may happen at once so that nothing that was acknowledged may be lost and no call may fail:
    /// <list type="bullet">
    /// <item>A store that forgets does so alone, and only when all regions had heard of everything before: what its
    /// silos had not told the peers, when they die or cannot be reached as well, is nowhere.</item>
    /// <item>All others keep what they had, and may meet each other, as long as they are in different parts.</item>
    /// </list>
    /// </summary>
    public bool MayOverlap(PlannedFault other) =>
        !Forgets && !other.Forgets
        && (Region != other.Region || (Parts & other.Parts) == 0)
        && !(Region == other.Region && Parts == FaultyPart.Link && other.Parts == FaultyPart.Link && Peer == other.Peer);
}
