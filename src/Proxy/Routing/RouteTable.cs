using Mesh.Abstractions.Routing;

namespace Mesh.Proxy.Routing;

/// <summary>
/// All matches of all rules of a service, in order of precedence: the first that holds decides. Immutable.
/// </summary>
internal sealed class RouteTable
{
    private readonly RouteEntry[] _entries;

    /// <param name="rules">Each rule and what it was compiled from, in the order they were written.</param>
    /// <exception cref="ArgumentException">A pattern does not compile.</exception>
    /// <exception cref="NotSupportedException">A pattern needs backtracking.</exception>
    public RouteTable(IEnumerable<(RuleModel Model, RouteRule? Rule)> rules)
    {
        var entries = new List<RouteEntry>();
        foreach (var (model, rule) in rules)
        {
            if (rule is null || rule.Matches.Count == 0)
            {
                entries.Add(new RouteEntry(model, null));
                continue;
            }

            foreach (var match in rule.Matches)
            {
                // To an entry, null is "everything": not what a null in a list may become.
                entries.Add(new RouteEntry(model, match ?? throw new ArgumentException($"rule '{rule.Name}' has an empty match")));
            }
        }

        // Order() is stable: among equals the first rule, and in it the first match, wins.
        _entries = [.. entries.Order(Comparer<RouteEntry>.Create(RouteEntry.ComparePrecedence))];
    }

    public RuleModel? Find(HttpRequest request) => _entries is [{ IsUnconditional: true } only, ..]
        ? only.Rule
        : Find(RequestFacts.Of(request));

    public RuleModel? Find(in RequestFacts request)
    {
        foreach (var entry in _entries)
        {
            if (entry.Matches(request))
            {
                return entry.Rule;
            }
        }

        return null;
    }
}
