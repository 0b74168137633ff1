using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Routing;

namespace Mesh.Abstractions.Validation;

/// <summary>What must hold between the rules of a service.</summary>
internal static class RouteListValidator
{
    public static void Validate(IReadOnlyList<RouteRule> rules, JsonPath path, SpecErrors errors)
    {
        Bounds.CheckCount(rules.Count, SpecLimits.Rules, path, errors);
        var patterns = new PatternBudget();
        var positions = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < rules.Count && !errors.IsFull; i++)
        {
            RouteValidator.Validate(rules[i], path.Item(i), errors, patterns);
            if (DnsLabel.IsValid(rules[i].Name) && !positions.TryAdd(rules[i].Name, i))
            {
                errors.Add(
                    path.Item(i).Field("name"),
                    $"{Bounds.Quote(rules[i].Name)} is the name of rule {positions[rules[i].Name]} already; names are unique in a service");
            }
        }
    }
}
