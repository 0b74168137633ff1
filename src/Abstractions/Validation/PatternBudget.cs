using Mesh.Abstractions.Json;

namespace Mesh.Abstractions.Validation;

/// <summary>Checks the patterns of one service and bounds their number; the same pattern is compiled once.</summary>
internal sealed class PatternBudget
{
    private readonly Dictionary<string, string?> _checked = new(StringComparer.Ordinal);

    public void Check(string pattern, JsonPath path, SpecErrors errors)
    {
        if (!_checked.TryGetValue(pattern, out var problem))
        {
            problem = _checked.Count < SpecLimits.Patterns
                ? SpecPattern.Explain(pattern)
                : $"is one regular expression too many: a service may have {SpecLimits.Patterns} different ones";
            _checked[pattern] = problem;
        }

        if (problem is not null)
        {
            errors.Add(path, problem);
        }
    }
}
