using Mesh.Grains.Services;

namespace Mesh.Grains.Regions;

/// <summary>
/// Collects what was deleted, or lost a conflict, long ago. While a configured peer is away nothing newer than its last contact is collected,
/// so only a region that was given up, by taking it out of the configuration, can come back with what is remembered
/// nowhere else; the record's floor then tells that it was deleted and not merely never heard of
/// (<see cref="RecordJoin"/>). The deletion of a service is kept for good, as it is small; its remains are not.
/// </summary>
internal static class Tombstones
{
    /// <summary>How long deletions are remembered one by one.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromDays(7);

    /// <summary>Deletions from before this moment may be collected.</summary>
    /// <param name="lastInSync">When each configured peer was last known to hold all that we did, and we all that it did.</param>
    public static DateTimeOffset Limit(DateTimeOffset now, IEnumerable<DateTimeOffset> lastInSync) =>
        lastInSync.Append(now).Min() - Retention;

    /// <summary>The same record when there is nothing to collect.</summary>
    public static ServiceRecord Collect(ServiceRecord record, DateTimeOffset limit)
    {
        var before = HybridTime.Of(limit);
        if (IsCollected(record) || !record.Registers.Values.Any(register => register.At.Time < before))
        {
            return record;
        }

        var states = RecordRegisters.Of(record);
        if (states.TryGetValue(SpecRegisters.Exists, out var exists) && exists.Json == SpecRegisters.False && exists.Register.At.Time < before)
        {
            return RecordRegisters.With(record, new(StringComparer.Ordinal) { [SpecRegisters.Exists] = exists });
        }

        var old = states.Where(pair => IsOld(pair.Key, pair.Value, states, before)).ToList();
        var forgetful = states.Where(pair => pair.Value.Register.Lost?.Any(lost => lost.At.Time < before) ?? false).ToList();
        if (old.Count == 0 && forgetful.Count == 0)
        {
            return record;
        }

        foreach (var (key, state) in forgetful)
        {
            states[key] = state with { Register = Forget(state.Register, before) };
        }

        foreach (var (key, _) in old)
        {
            states.Remove(key);
        }

        return RecordRegisters.With(record, states) with
        {
            Floor = old.Select(static pair => pair.Value.Register.At.Time).Aggregate(record.Floor, HybridTime.Max),
        };
    }

    /// <summary>Whether the service was deleted, and nothing but that is remembered.</summary>
    public static bool IsCollected(ServiceRecord record) =>
        record.Spec is null && record.Registers.Count == 1 && record.Registers.ContainsKey(SpecRegisters.Exists);

    private static Register Forget(Register register, HybridTime before)
    {
        var lost = register.Lost!.Where(write => write.At.Time >= before).ToList();
        return register with { Lost = lost.Count == 0 ? null : lost };
    }

    private static bool IsOld(string key, RegisterState state, SortedDictionary<string, RegisterState> states, HybridTime before)
    {
        if (state.Register.At.Time >= before)
        {
            return false;
        }

        // A rule's place is kept as long as its tombstone: an edit elsewhere may bring the rule back to it.
        return state.Json is null
            || (SpecRegisters.RuleOfOrder(key) is { } rule
                && (!states.TryGetValue(rule, out var ruled) || (ruled.Json is null && ruled.Register.At.Time < before)));
    }
}
