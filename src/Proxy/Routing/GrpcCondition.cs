using Mesh.Abstractions.Routing;
using Mesh.Proxy.Resilience;

namespace Mesh.Proxy.Routing;

/// <summary>A compiled <see cref="GrpcMethodMatch"/>. Calls go to the path <c>/service/method</c> (gRPC over HTTP/2, "Requests").</summary>
internal sealed class GrpcCondition
{
    private readonly ValuePattern? _service;
    private readonly ValuePattern? _method;

    /// <exception cref="ArgumentException">A pattern does not compile.</exception>
    /// <exception cref="NotSupportedException">A pattern needs backtracking.</exception>
    public GrpcCondition(GrpcMethodMatch match)
    {
        _service = match.Service is null ? null : ValuePattern.Create(match.Type, match.Service);
        _method = match.Method is null ? null : ValuePattern.Create(match.Type, match.Method);
        ServiceRank = RankOf(match.Type, match.Service);
        MethodRank = RankOf(match.Type, match.Method);
    }

    /// <summary>Grows with the characters of an exact name; a pattern comes below every name and above none.</summary>
    public int ServiceRank { get; }

    /// <inheritdoc cref="ServiceRank"/>
    public int MethodRank { get; }

    /// <summary>
    /// The path that every matching call has: so that exact names take the place among the matches of paths that these
    /// paths would have, and are found as fast. Null when the names leave it open.
    /// </summary>
    public static PathMatch? PathOf(GrpcMethodMatch match) => match switch
    {
        { Type: ValueMatchType.RegularExpression } or { Service: null } => null,
        { Method: null } => new PathMatch { Type = PathMatchType.PathPrefix, Value = $"/{match.Service}" },
        _ => new PathMatch { Type = PathMatchType.Exact, Value = $"/{match.Service}/{match.Method}" },
    };

    public bool Matches(in RequestFacts request)
    {
        if (!GrpcStatus.IsCall(request.Headers))
        {
            return false;
        }

        var path = request.Path.AsSpan(1);
        var slash = path.IndexOf('/');
        return slash > 0
            && slash < path.Length - 1
            && !path[(slash + 1)..].Contains('/')
            && _service?.Matches(path[..slash]) != false
            && _method?.Matches(path[(slash + 1)..]) != false;
    }

    private static int RankOf(ValueMatchType type, string? name) =>
        name is null ? 0 : type == ValueMatchType.RegularExpression ? 1 : 1 + name.Length;
}
