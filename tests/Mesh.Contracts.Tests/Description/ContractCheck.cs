namespace Mesh.Contracts.Tests.Description;

/// <summary>
/// What programs of two contracts cannot tell each other. Both directions count: what the old one wrote has to be read
/// by the new one, and the other way round, since they run side by side during an upgrade.
/// </summary>
internal static class ContractCheck
{
    public static IReadOnlyList<string> FindBreaks(IReadOnlyList<ContractLine> before, IReadOnlyList<ContractLine> now)
    {
        var breaks = new List<string>();
        var current = now.ToDictionary(static line => line.Subject, static line => line.Is);
        foreach (var line in before)
        {
            if (!current.TryGetValue(line.Subject, out var text))
            {
                breaks.Add($"lost: {line}");
            }
            else if (text != line.Is)
            {
                breaks.Add($"changed: {line.Subject}: from \"{line.Is}\" to \"{text}\"");
            }
        }

        var (subjects, owners) = (before.Select(static line => line.Subject).ToHashSet(), before.Select(static line => line.Owner).ToHashSet());
        breaks.AddRange(now.Where(line => !subjects.Contains(line.Subject) && owners.Contains(line.Owner)).Select(Object).OfType<string>());
        return breaks;
    }

    /// <summary>Why old programs mind an addition; null when they do not.</summary>
    private static string? Object(ContractLine line) => line switch
    {
        { Kind: "wire" or "json", IsRequired: true } => $"required, and old programs do not write it: {line}",
        { Kind: "enum" } => $"a value that old programs refuse: {line}",
        { Kind: "command" } => $"a command that old silos refuse: {line}",
        { Kind: "interface" } => $"a method that old programs do not have: {line}",
        _ => null,
    };
}
