using System.Collections.Frozen;
using Mesh.Abstractions.Routing;

namespace Mesh.Proxy.Routing;

/// <summary>
/// All matches of all rules of a service, in order of precedence: the first that holds decides. Immutable. Exact paths
/// come first and prefixes second in that order, the longer before the shorter, so both are looked up instead of
/// compared one by one: what a request costs does not grow with their number.
/// </summary>
internal sealed class RouteTable
{
    private readonly RouteEntry[] _entries;
    private readonly FrozenDictionary<string, RouteEntry[]>? _exact;
    private readonly FrozenDictionary<string, RouteEntry[]>? _prefixes;
    private readonly int _longestPrefix;

    /// <summary>Those without either, in order of precedence.</summary>
    private readonly RouteEntry[] _others;

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
        _exact = Index(PathMatchType.Exact);
        _prefixes = Index(PathMatchType.PathPrefix);
        _longestPrefix = _prefixes?.Keys.Max(static prefix => prefix.Length) ?? 0;
        _others = [.. _entries.Where(static entry => entry.Path.Literal is null)];
    }

    /// <summary>In order of precedence.</summary>
    public IReadOnlyList<RouteEntry> Entries => _entries;

    /// <returns>The match that decides, with its rule; null when none holds.</returns>
    public RouteEntry? Find(HttpRequest request, CallerIdentity caller) => _entries is [{ IsUnconditional: true } only, ..]
        ? only
        : Find(RequestFacts.Of(request, caller));

    /// <inheritdoc cref="Find(HttpRequest, CallerIdentity)"/>
    public RouteEntry? Find(in RequestFacts request)
    {
        if (_exact is not null && _exact.TryGetValue(request.Path, out var exact) && First(exact, request) is { } match)
        {
            return match;
        }

        return (_prefixes is null ? null : FindPrefix(_prefixes, request)) ?? FirstOther(request);
    }

    /// <summary>Asks for every prefix of whole segments that the path has, the longest first.</summary>
    private RouteEntry? FindPrefix(FrozenDictionary<string, RouteEntry[]> prefixes, in RequestFacts request)
    {
        var path = request.Path;
        var byPrefix = prefixes.GetAlternateLookup<ReadOnlySpan<char>>();
        var end = path.Length <= _longestPrefix ? path.Length : path.LastIndexOf('/', _longestPrefix);
        while (end > 0)
        {
            if (byPrefix.TryGetValue(path.AsSpan(0, end), out var entries) && First(entries, request) is { } match)
            {
                return match;
            }

            end = path.LastIndexOf('/', end - 1);
        }

        return null;
    }

    private static RouteEntry? First(RouteEntry[] entries, in RequestFacts request)
    {
        foreach (var entry in entries)
        {
            if (entry.MatchesBesidesPath(request))
            {
                return entry;
            }
        }

        return null;
    }

    private RouteEntry? FirstOther(in RequestFacts request)
    {
        foreach (var entry in _others)
        {
            if (entry.Matches(request))
            {
                return entry;
            }
        }

        return null;
    }

    private FrozenDictionary<string, RouteEntry[]>? Index(PathMatchType type)
    {
        var index = _entries
            .Where(entry => entry.Path.Literal is not null && entry.Path.Type == type)
            .GroupBy(static entry => entry.Path.Literal!, StringComparer.Ordinal)
            .ToFrozenDictionary(static group => group.Key, static group => group.ToArray(), StringComparer.Ordinal);
        return index.Count == 0 ? null : index;
    }
}
