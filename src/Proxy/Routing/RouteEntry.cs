using Mesh.Abstractions.Routing;

namespace Mesh.Proxy.Routing;

/// <summary>One match of one rule: conditions that must all hold, and the rule that then applies.</summary>
internal sealed class RouteEntry
{
    private readonly string? _method;
    private readonly HeaderCondition[] _headers;
    private readonly QueryCondition[] _query;
    private readonly GrpcCondition? _grpc;
    private readonly CallerCondition? _caller;

    /// <param name="match">Null matches every request.</param>
    /// <exception cref="ArgumentException">A pattern does not compile.</exception>
    /// <exception cref="NotSupportedException">A pattern needs backtracking.</exception>
    public RouteEntry(RuleModel rule, RouteMatch? match)
    {
        Rule = rule;
        Match = match;
        _method = match?.Method;
        Path = PathCondition.Create(match?.Path ?? (match?.Grpc is { } called ? GrpcCondition.PathOf(called) : null));
        _headers = match is null ? [] : [.. match.Headers.Select(static header => new HeaderCondition(header))];
        _query = match is null ? [] : [.. match.QueryParams.Select(static parameter => new QueryCondition(parameter))];
        _grpc = match?.Grpc is { } grpc ? new GrpcCondition(grpc) : null;
        _caller = match?.Caller is { } caller ? new CallerCondition(caller) : null;
        IsUnconditional = Path == PathCondition.Any && this is { _method: null, _headers: [], _query: [], _grpc: null, _caller: null };
    }

    public RuleModel Rule { get; }

    /// <summary>What it was compiled from; null when it matches every request.</summary>
    public RouteMatch? Match { get; }

    public PathCondition Path { get; }

    /// <summary>In the order of the match's headers.</summary>
    public IReadOnlyList<HeaderCondition> Headers => _headers;

    /// <summary>In the order of the match's query parameters.</summary>
    public IReadOnlyList<QueryCondition> Query => _query;

    public GrpcCondition? Grpc => _grpc;

    public CallerCondition? Caller => _caller;

    public bool IsUnconditional { get; }

    public bool Matches(in RequestFacts request) => Path.Matches(request.Path) && MatchesBesidesPath(request);

    /// <summary>Whether everything holds, given that the path does.</summary>
    public bool MatchesBesidesPath(in RequestFacts request)
    {
        if ((_method is not null && _method != request.Method && !IsPreflight(request, _method))
            || _grpc?.Matches(request) == false
            || _caller?.Matches(request.Caller) == false)
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

    /// <summary>A CORS preflight belongs to the rule of the request that it asks for, where that rule answers it.</summary>
    private bool IsPreflight(in RequestFacts request, string method) =>
        Rule.Filters?.Cors is not null
        && HttpMethods.IsOptions(request.Method)
        && request.Headers.Origin.Count > 0
        && request.Headers.AccessControlRequestMethod == method;

    /// <summary>
    /// Compares by the Gateway API's precedence (<c>HTTPRouteRule.matches</c>, <c>GRPCRouteRule.matches</c>): exact path,
    /// longest prefix, most characters in the gRPC service, then in its method, HTTP method, most headers, most query
    /// parameters; and last, which the Gateway API does not know, the caller: identity, then namespace. 0 leaves it to
    /// the order of the rules.
    /// </summary>
    /// <returns>Negative when <paramref name="left"/> comes first.</returns>
    public static int ComparePrecedence(RouteEntry left, RouteEntry right)
    {
        ReadOnlySpan<int> differences =
        [
            right.Path.Rank - left.Path.Rank,
            right.Path.Length - left.Path.Length,
            (right._grpc?.ServiceRank ?? 0) - (left._grpc?.ServiceRank ?? 0),
            (right._grpc?.MethodRank ?? 0) - (left._grpc?.MethodRank ?? 0),
            (right._method is null ? 0 : 1) - (left._method is null ? 0 : 1),
            right._headers.Length - left._headers.Length,
            right._query.Length - left._query.Length,
            (right._caller?.Rank ?? 0) - (left._caller?.Rank ?? 0),
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
