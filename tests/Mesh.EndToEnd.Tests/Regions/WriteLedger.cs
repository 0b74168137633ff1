using System.Collections.Concurrent;
using System.Diagnostics;

namespace Mesh.EndToEnd.Tests.Regions;

/// <summary>
/// What was written through the regions' APIs, and what of it was acknowledged. A write that was refused is not in it.
/// </summary>
/// <param name="isOrderedAcrossRegions">
/// Whether a write of one region that was sent after the acknowledgement of another region's write supersedes it. It does
/// where clocks are right. Where one is ahead, a region that has heard of that one's writes goes before one that has not.
/// </param>
internal sealed class WriteLedger(bool isOrderedAcrossRegions)
{
    private readonly ConcurrentQueue<LedgerWrite> _writes = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    public TimeSpan Now => _clock.Elapsed;

    public IEnumerable<LedgerWrite> Writes => _writes;

    /// <summary>Notes what was there before anybody wrote.</summary>
    public void AddStart(RegionCluster region)
    {
        foreach (var service in ChaosServices.Called)
        {
            Add(new LedgerWrite(region.Name, service, "the first write", TimeSpan.Zero, [new WriteEffect(ChaosServices.Traffic(service), ChaosServices.FirstTraffic)])
            {
                Acknowledged = TimeSpan.Zero,
            });
        }
    }

    public void Add(LedgerWrite write) => _writes.Enqueue(write);

    /// <summary>Why the register cannot have this value; null when it can.</summary>
    public string? Refute(string register, string? value)
    {
        var touching = _writes
            .SelectMany(write => write.Effects.Where(effect => effect.Register == register).Select(effect => (Write: write, Effect: effect)))
            .ToArray();
        var certain = touching.Where(static one => one.Effect.IsCertain && one.Write.Acknowledged is not null).Select(static one => one.Write).ToArray();
        var writers = touching.Where(one => one.Effect.Value == value).Select(static one => one.Write).ToArray();

        // Before the first write the register was not there.
        if (value is null && certain.Length == 0)
        {
            return null;
        }

        if (writers.Length == 0)
        {
            return $"{register} is {value ?? "gone"}, which nobody wrote; acknowledged were{Lines(certain.TakeLast(5))}";
        }

        var survivors = writers.Where(writer => !certain.Any(other => Supersedes(other, writer)));
        return survivors.Any()
            ? null
            : $"{register} is {value ?? "gone"}, written by{Lines(writers)}{Environment.NewLine}but superseded by{Lines(certain.Where(other => Supersedes(other, writers[^1])))}";
    }

    private bool Supersedes(LedgerWrite later, LedgerWrite earlier) => later.IsAfter(earlier) && (isOrderedAcrossRegions || later.Region == earlier.Region);

    private static string Lines(IEnumerable<LedgerWrite> writes) => string.Concat(writes.Select(static write => Environment.NewLine + "  " + write));
}
