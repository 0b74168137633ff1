using Mesh.Abstractions.Routing;

namespace Mesh.Proxy.Routing;

/// <summary>One match of one rule: conditions that must all hold, and the rule that then applies.</summary>
internal sealed class RouteEntry
{
    private readonly string? _method;
    private readonly PathCondition _path;
    private readonly HeaderCondition[] _headers;
    private readonly QueryCondition[] _query;

    /// <param name="match">Null matches every request.</param>
    /// <exception cref="ArgumentException">A pattern does not compile.</exception>
    /// <exception cref="NotSupportedException">A pattern needs backtracking.</exception>
    public RouteEntry(RuleModel rule, RouteMatch? match)
    {
        Rule = rule;
        _method = match?.Method;
        _path = PathCondition.Create(match?.Path);
        _headers = match is null ? [] : [.. match.Headers.Select(static header => new HeaderCondition(header))];
        _query = match is null ? [] : [.. match.QueryParams.Select(static parameter => new QueryCondition(parameter))];
        IsUnconditional = _path == PathCondition.Any && _method is null && _headers.Length == 0 && _query.Length == 0;
    }

    public RuleModel Rule { get; }

    public bool IsUnconditional { get; }

    public bool Matches(in RequestFacts request)
    {
        if ((_method is not null && _method != request.Method) || !_path.Matches(request.Path))
        {
            return false;
        }

        foreach (var header in _headers)
        {
            if (!header.Matches(request.Headers))
            {
                return false;
            }
        }

        foreach (var parameter in _query)
        {
            if (!parameter.Matches(request.Query))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Compares by the Gateway API's precedence (<c>HTTPRouteRule.matches</c>): exact path, longest prefix, method,
    /// most headers, most query parameters. 0 leaves it to the order of the rules.
    /// </summary>
    /// <returns>Negative when <paramref name="left"/> comes first.</returns>
    public static int ComparePrecedence(RouteEntry left, RouteEntry right)
    {
        ReadOnlySpan<int> differences =
        [
            right._path.Rank - left._path.Rank,
            right._path.Length - left._path.Length,
            (right._method is null ? 0 : 1) - (left._method is null ? 0 : 1),
            right._headers.Length - left._headers.Length,
            right._query.Length - left._query.Length,
        ];
        foreach (var difference in differences)
        {
            if (difference != 0)
            {
                return difference;
            }
        }

        return 0;
    }
}
