namespace Mesh.Grains.Regions;

/// <summary>
/// What is known of the last write of one register of a service: a rule, a host alias, a section. The value itself is
/// in the spec; a register without one was deleted (a tombstone).
/// </summary>
public sealed record Register
{
    /// <summary>Of the write that holds; the highest stamp wins.</summary>
    public required Stamp At { get; init; }

    /// <summary>
    /// The newest write of each other region that the writer had before it, in the order of regions. A write that is
    /// neither here nor the winner's region's own was made without knowledge of the other: a conflict.
    /// </summary>
    public IReadOnlyList<Stamp>? Over { get; init; }

    /// <summary>The newest write of each region that was met afterwards and lost, so that its conflict is told once.</summary>
    public IReadOnlyList<Stamp>? Met { get; init; }

    /// <summary>Whether the writer knew of that write when it wrote.</summary>
    public bool Replaced(Stamp other) =>
        other == At || (other.Region == At.Region && other < At) || IsIn(Over, other);

    /// <summary>Whether that write was known to the writer, or has lost against it here before.</summary>
    public bool HasMet(Stamp other) => Replaced(other) || IsIn(Met, other);

    /// <summary>A new write over this one. It steps past what it replaces, whatever the clock says.</summary>
    public static Register Write(Register? current, HybridTime tick, string region)
    {
        if (current is null)
        {
            return new Register { At = new Stamp(tick, region) };
        }

        var time = tick > current.At.Time ? tick : current.At.Time.Next();
        var next = new Register
        {
            At = new Stamp(time, region),
            Over = OrNull(Newest([.. current.Over ?? [], current.At]).Where(stamp => stamp.Region != region)),
        };
        return next with { Met = OrNull((current.Met ?? []).Where(stamp => !next.Replaced(stamp))) };
    }

    /// <summary>The winner of two writes, which has then met the other.</summary>
    public static Register Join(Register winner, Register other)
    {
        var known = Newest([.. winner.Met ?? [], .. other.Met ?? [], .. other.Over ?? [], other.At]);
        return winner with { Met = OrNull(known.Where(stamp => !winner.Replaced(stamp))) };
    }

    public bool Equals(Register? other) => other is not null && At == other.At
        && (Over ?? []).SequenceEqual(other.Over ?? []) && (Met ?? []).SequenceEqual(other.Met ?? []);

    public override int GetHashCode() => At.GetHashCode();

    private static bool IsIn(IReadOnlyList<Stamp>? stamps, Stamp other) =>
        stamps is not null && stamps.Any(stamp => stamp.Region == other.Region && other <= stamp);

    private static IEnumerable<Stamp> Newest(IEnumerable<Stamp> stamps) => stamps
        .GroupBy(static stamp => stamp.Region, StringComparer.Ordinal)
        .OrderBy(static group => group.Key, StringComparer.Ordinal)
        .Select(static group => group.Max());

    private static List<Stamp>? OrNull(IEnumerable<Stamp> stamps)
    {
        var list = stamps.ToList();
        return list.Count == 0 ? null : list;
    }
}
