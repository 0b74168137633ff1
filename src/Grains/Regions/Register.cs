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
    /// neither here nor an earlier one of the writer's region was made without knowledge of the other: a conflict.
    /// </summary>
    public IReadOnlyList<Stamp>? Over { get; init; }

    /// <summary>
    /// The writes that lost without being replaced, in the order of their stamps: at most one of each region. They are
    /// kept so that every region can tell of the conflict, and each of them once.
    /// </summary>
    public IReadOnlyList<LostWrite>? Lost { get; init; }

    /// <summary>Whether the writer of the one knew of the other when it wrote.</summary>
    public static bool IsReplaced(Stamp write, Stamp by, IReadOnlyList<Stamp>? over) => write.Region == by.Region
        ? write < by
        : over is not null && over.Any(stamp => stamp.Region == write.Region && write <= stamp);

    /// <summary>Whether this holds that write, or a later one that was made with knowledge of it.</summary>
    public bool HasHeardOf(Stamp write) =>
        write == At || IsReplaced(write, At, Over)
        || (Lost is not null && Lost.Any(lost => write == lost.At || IsReplaced(write, lost.At, lost.Over)));

    /// <summary>A new write over this one. It steps past what it replaces, whatever the clock says.</summary>
    public static Register Write(Register? current, HybridTime tick, string region)
    {
        if (current is null)
        {
            return new Register { At = new Stamp(tick, region) };
        }

        // What had lost before is not replaced, other than by its own region: who still holds it is to be told.
        var at = new Stamp(tick > current.At.Time ? tick : current.At.Time.Next(), region);
        var over = Newest([current.At, .. current.Over ?? [], .. (current.Lost ?? []).SelectMany(static lost => lost.Over ?? [])], region);
        var lost = (current.Lost ?? []).Where(lost => !IsReplaced(lost.At, at, over)).ToList();
        return new Register { At = at, Over = over, Lost = lost.Count == 0 ? null : lost };
    }

    public bool Equals(Register? other) => other is not null && At == other.At
        && (Over ?? []).SequenceEqual(other.Over ?? [])
        && (Lost ?? []).Select(static lost => lost.At).SequenceEqual((other.Lost ?? []).Select(static lost => lost.At));

    public override int GetHashCode() => At.GetHashCode();

    private static List<Stamp>? Newest(IEnumerable<Stamp> stamps, string writer)
    {
        var newest = stamps
            .Where(stamp => stamp.Region != writer)
            .GroupBy(static stamp => stamp.Region, StringComparer.Ordinal)
            .OrderBy(static group => group.Key, StringComparer.Ordinal)
            .Select(static group => group.Max())
            .ToList();
        return newest.Count == 0 ? null : newest;
    }
}
