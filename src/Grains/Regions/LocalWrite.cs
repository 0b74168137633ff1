using Mesh.Grains.Services;

namespace Mesh.Grains.Regions;

/// <summary>Stamps what a write of this region changed, so that it can be merged elsewhere.</summary>
internal static class LocalWrite
{
    /// <param name="before">The record the write was made from.</param>
    /// <param name="next">The record with the new spec and endpoints.</param>
    /// <param name="claim">What the write says of the service's existence.</param>
    public static ServiceRecord Stamp(
        ServiceRecord before, ServiceRecord next, bool isSameSpec, bool isSameEndpoints, ExistenceClaim claim, string region, DateTimeOffset now)
    {
        var tick = HybridClock.Tick(HybridTime.Max(before.Clock, before.Floor), now);
        var stamped = next with { Clock = tick };
        if (!isSameSpec)
        {
            stamped = StampSpec(before, stamped, claim, tick, region);
        }
        else if (claim == ExistenceClaim.Stated)
        {
            stamped = stamped with { Registers = Write(before, [SpecRegisters.Exists], claim, tick, region) };
        }

        return isSameEndpoints ? stamped : stamped with { Sections = WithSection(before.Sections, region, tick) };
    }

    /// <summary>The sections with a new version of one region's.</summary>
    public static IReadOnlyDictionary<string, EndpointSection> WithSection(
        IReadOnlyDictionary<string, EndpointSection> sections, string region, HybridTime tick)
    {
        var old = sections.GetValueOrDefault(region);
        var version = old is null || tick > old.Version ? tick : old.Version.Next();
        return new SortedDictionary<string, EndpointSection>(new Dictionary<string, EndpointSection>(sections), StringComparer.Ordinal)
        {
            [region] = new EndpointSection(version, old?.Since ?? version),
        };
    }

    private static ServiceRecord StampSpec(ServiceRecord before, ServiceRecord next, ExistenceClaim claim, HybridTime tick, string region)
    {
        var old = RecordRegisters.Values(before);
        if (next.Spec is null)
        {
            next = next with { Remains = before.Spec ?? before.Remains };
        }
        else
        {
            next = next with { Remains = null, Positions = SpecRegisters.Arrange(next.Spec, before.Positions) };
            if (before.Spec is null && before.Registers.TryGetValue(SpecRegisters.Exists, out var deleted))
            {
                // All of a service that is made again is new: whoever comes back with the old one must not pass its parts for it.
                tick = HybridTime.Max(tick, deleted.At.Time.Next());
                next = next with { Floor = Tombstones.IsCollected(before) ? HybridTime.Max(before.Floor, deleted.At.Time) : before.Floor };
                old = old.ToDictionary(static pair => pair.Key, static _ => "", StringComparer.Ordinal);
            }
        }

        var values = RecordRegisters.Values(next);
        var changed = old.Keys.Union(values.Keys)
            .Where(key => old.GetValueOrDefault(key) != values.GetValueOrDefault(key))
            .Append(SpecRegisters.Exists)
            .Distinct(StringComparer.Ordinal);
        return next with
        {
            Format = ServiceRecord.FormatOf(next.Spec ?? next.Remains),
            Registers = Write(before, changed, claim, tick, region),
        };
    }

    private static SortedDictionary<string, Register> Write(
        ServiceRecord before, IEnumerable<string> keys, ExistenceClaim claim, HybridTime tick, string region)
    {
        var registers = new SortedDictionary<string, Register>(new Dictionary<string, Register>(before.Registers), StringComparer.Ordinal);

        // What nobody stated loses to whatever anybody did state, even when this region has forgotten it.
        var time = claim == ExistenceClaim.Implied && !registers.ContainsKey(SpecRegisters.Exists) ? default : tick;
        foreach (var key in keys)
        {
            registers[key] = Register.Write(registers.GetValueOrDefault(key), time, region);
        }

        return registers;
    }
}
