namespace Mesh.Grains.Regions;

/// <summary>
/// The rules of a hybrid logical clock. Each service has a clock of its own, kept in its record: it survives restarts
/// as the record does, needs no agreement between silos, and a peer's wrong clock reaches only the services it wrote.
/// </summary>
public static class HybridClock
{
    /// <summary>How far ahead of our wall clock a peer's clock may be and still pull ours along.</summary>
    public static readonly TimeSpan MaxDrift = TimeSpan.FromMinutes(1);

    /// <summary>The next reading: above the last one, and not behind the wall clock.</summary>
    public static HybridTime Tick(HybridTime last, DateTimeOffset now)
    {
        var wall = HybridTime.Of(now);
        return wall > last ? wall : last.Next();
    }

    /// <summary>
    /// The clock after a peer's reading was heard. One that is further ahead than <see cref="MaxDrift"/> is ignored: a
    /// later write of ours is still ordered after what it replaces, since a write always steps past that.
    /// </summary>
    public static HybridTime Observe(HybridTime own, HybridTime peer, DateTimeOffset now) =>
        Lead(peer, now) > MaxDrift ? own : HybridTime.Max(own, peer);

    /// <summary>How far a reading is ahead of our wall clock; negative when it lies in the past.</summary>
    public static TimeSpan Lead(HybridTime reading, DateTimeOffset now) => reading.ToDateTimeOffset() - now;
}
