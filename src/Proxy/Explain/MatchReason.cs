using Mesh.Abstractions.Routing;
using Mesh.Proxy.Routing;

namespace Mesh.Proxy.Explain;

/// <summary>Why a match does not hold for a request, one condition after the other, by the very conditions that requests are matched with.</summary>
internal static class MatchReason
{
    /// <returns>The first condition that does not hold; null when all do.</returns>
    public static string? Find(RouteEntry entry, in RequestFacts request)
    {
        if (entry.Match is not { } match)
        {
            return null;
        }

        if (match.Path is { } path && !entry.Path.Matches(request.Path))
        {
            return $"the path {request.Path} {Describe(path)}";
        }

        if (match.Method is { } method && method != request.Method)
        {
            return $"the method is {request.Method}, not {method}";
        }

        if (match.Grpc is { } grpc && !entry.Grpc!.Matches(request))
        {
            return $"it is no gRPC call of {grpc.Service ?? "any service"}/{grpc.Method ?? "any method"}";
        }

        for (var i = 0; i < match.Headers.Count; i++)
        {
            if (!entry.Headers[i].Matches(request.Headers))
            {
                var header = match.Headers[i];
                return Describe("header", header.Name, request.Headers.ContainsKey(header.Name), header.Type, header.Value);
            }
        }

        for (var i = 0; i < match.QueryParams.Count; i++)
        {
            if (!entry.Query[i].Matches(request.Query))
            {
                var parameter = match.QueryParams[i];
                return Describe("query parameter", parameter.Name, isThere: true, parameter.Type, parameter.Value);
            }
        }

        return match.Caller is { } caller && !entry.Caller!.Matches(request.Caller)
            ? $"the caller is not {string.Join(" in ", new[] { caller.Identity, caller.Namespace }.OfType<string>())}"
            : null;
    }

    private static string Describe(PathMatch path) => path.Type switch
    {
        PathMatchType.Exact => $"is not {path.Value}",
        PathMatchType.PathPrefix => $"does not have the prefix {path.Value}",
        _ => $"does not match {path.Value}",
    };

    private static string Describe(string what, string name, bool isThere, ValueMatchType type, string value) => isThere
        ? $"the {what} {name} {(type == ValueMatchType.Exact ? "is not" : "does not match")} {value}"
        : $"there is no {what} {name}";
}
