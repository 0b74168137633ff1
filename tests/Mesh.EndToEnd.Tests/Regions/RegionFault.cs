namespace Mesh.EndToEnd.Tests.Regions;

/// <summary>What may happen to a region.</summary>
internal enum RegionFault
{
    /// <summary>Killed, and started again with its append-only file.</summary>
    RedisKilled,

    /// <summary>Stopped by SIGSTOP: its connections stay, nothing is answered.</summary>
    RedisFrozen,

    /// <summary>Every answer takes a third of a second.</summary>
    RedisSlow,

    /// <summary>It refuses whatever needs memory.</summary>
    RedisFull,

    /// <summary>It was made the replica of a server that is not there.</summary>
    RedisReadOnly,

    /// <summary>It forgets everything, and runs on.</summary>
    RedisFlushed,

    /// <summary>Killed, and started again with an empty disk.</summary>
    RedisRestartedEmpty,

    /// <summary>Killed, and started again with what it had a while ago, as after a failover to a replica that lagged.</summary>
    RedisWentBack,

    SiloKilled,

    /// <summary>Stopped by SIGSTOP for longer than the others wait before they evict it.</summary>
    SiloFrozen,

    AllSilosKilled,

    ProxyKilled,

    /// <summary>Killed together with all silos: it starts from its disk.</summary>
    ProxyKilledWithoutControlPlane,

    /// <summary>Killed, and one of its snapshots is cut short before it starts again.</summary>
    SnapshotTorn,

    /// <summary>The way to a peer's Redis refuses connections.</summary>
    LinkRefused,

    /// <summary>The way to a peer's Redis takes everything and passes nothing on.</summary>
    LinkHanging,

    /// <summary>The way to a peer's Redis is slow.</summary>
    LinkSlow,

    /// <summary>The connections to a peer's Redis are reset, and may be made anew.</summary>
    LinkCut,
}
