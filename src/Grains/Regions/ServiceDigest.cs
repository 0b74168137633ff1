using System.IO.Hashing;
using System.Text;
using Mesh.Grains.Services;

namespace Mesh.Grains.Regions;

/// <summary>
/// One number for what a record holds that all regions should hold alike: which writes, not which values. What each
/// region does in its own time is left out: revisions, clocks, and whether deletions have been collected.
/// </summary>
public static class ServiceDigest
{
    /// <returns>0 for a service nothing is known of.</returns>
    public static UInt128 Of(ServiceRecord record)
    {
        var hash = new XxHash128();
        var isEmpty = true;
        var alive = record.Spec is null ? null : RecordRegisters.Values(record);
        foreach (var (key, register) in record.Registers.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            if (key == SpecRegisters.Exists || (alive is not null && IsAlive(key, alive)))
            {
                Append(hash, $"{key} {register.At}\n");
                isEmpty = false;
            }
        }

        foreach (var (region, section) in record.Sections.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            Append(hash, $"endpoints/{region} {section.Version}\n");
            isEmpty = false;
        }

        Append(hash, $"{record.Service} {record.Spec is not null}");
        return isEmpty ? UInt128.Zero : hash.GetCurrentHashAsUInt128();
    }

    private static bool IsAlive(string key, Dictionary<string, string> values) =>
        values.ContainsKey(key) && (SpecRegisters.RuleOfOrder(key) is not { } rule || values.ContainsKey(rule));

    private static void Append(XxHash128 hash, string text) => hash.Append(Encoding.UTF8.GetBytes(text));
}
