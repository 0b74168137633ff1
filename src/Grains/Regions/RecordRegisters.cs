using Mesh.Grains.Services;

namespace Mesh.Grains.Regions;

/// <summary>The registers of a record with their values, taken out of it and put back.</summary>
internal static class RecordRegisters
{
    /// <summary>Of a value nobody stamped: any write goes before it.</summary>
    private static readonly Register Unstamped = new() { At = new Stamp(default, "") };

    public static SortedDictionary<string, RegisterState> Of(ServiceRecord record)
    {
        var values = Values(record);
        var states = new SortedDictionary<string, RegisterState>(StringComparer.Ordinal);
        foreach (var (key, register) in record.Registers)
        {
            states[key] = new RegisterState(register, values.GetValueOrDefault(key));
        }

        foreach (var (key, json) in values)
        {
            states.TryAdd(key, new RegisterState(Unstamped, json));
        }

        return states;
    }

    /// <summary>The values of the record's registers, those of a deleted service's remains included.</summary>
    public static Dictionary<string, string> Values(ServiceRecord record)
    {
        var values = SpecRegisters.Split(record.Spec ?? record.Remains, record.Positions);
        if (record.Spec is not null || record.Registers.ContainsKey(SpecRegisters.Exists))
        {
            values[SpecRegisters.Exists] = record.Spec is null ? SpecRegisters.False : SpecRegisters.True;
        }

        return values;
    }

    public static ServiceRecord With(ServiceRecord record, SortedDictionary<string, RegisterState> states)
    {
        var values = states
            .Where(static pair => pair.Value.Json is not null)
            .ToDictionary(static pair => pair.Key, static pair => pair.Value.Json!, StringComparer.Ordinal);
        var (spec, positions) = SpecRegisters.Compose(values);
        var exists = values.Remove(SpecRegisters.Exists, out var json) && json == SpecRegisters.True;
        var registers = new SortedDictionary<string, Register>(StringComparer.Ordinal);
        foreach (var (key, state) in states)
        {
            registers[key] = state.Register;
        }

        return record with
        {
            Format = ServiceRecord.FormatOf(exists || values.Count > 0 ? spec : null),
            Registers = registers,
            Positions = positions,
            Spec = exists ? spec : null,
            Remains = exists || values.Count == 0 ? null : spec,
        };
    }
}
