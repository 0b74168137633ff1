using Mesh.Abstractions.Json;
using Mesh.Abstractions.Routing;

namespace Mesh.Abstractions.Validation;

/// <summary>One match: path, headers, query parameters, method, gRPC method and caller.</summary>
internal static class MatchValidator
{
    public static void Validate(RouteMatch match, JsonPath path, SpecErrors errors, PatternBudget patterns)
    {
        if (match.Path is { } pathMatch)
        {
            PathValidator.Validate(pathMatch, path.Field("path"), errors, patterns);
        }

        ValidateHeaders(match.Headers, path.Field("headers"), errors, patterns);
        ValidateQueryParams(match.QueryParams, path.Field("queryParams"), errors, patterns);
        if (match.Method is { } method && (!HttpToken.IsValid(method) || method.Length > 32 || method.AsSpan().ContainsAnyInRange('a', 'z')))
        {
            errors.Add(path.Field("method"), $"{Bounds.Quote(method)} is not an HTTP method in upper case, such as \"GET\"");
        }

        if (match.Grpc is { } grpc)
        {
            GrpcMatchValidator.Validate(grpc, path.Field("grpc"), errors, patterns);
            if (match.Path is not null || match.Method is not null)
            {
                errors.Add(path.Field("grpc"), "must not be given together with \"path\" or \"method\": it says both");
            }
        }

        if (match.Caller is { } caller)
        {
            CallerMatchValidator.Validate(caller, path.Field("caller"), errors);
        }
    }

    private static void ValidateHeaders(IReadOnlyList<HeaderMatch> headers, JsonPath path, SpecErrors errors, PatternBudget patterns)
    {
        Bounds.CheckCount(headers.Count, SpecLimits.Headers, path, errors);
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < headers.Count && !errors.IsFull; i++)
        {
            var place = path.Item(i);
            if (HeaderRules.ExplainName(headers[i].Name) is { } problem)
            {
                errors.Add(place.Field("name"), problem);
            }
            else if (!seen.Add(headers[i].Name))
            {
                errors.Add(place.Field("name"), $"{Bounds.Quote(headers[i].Name)} is in this match already; a header can be matched once");
            }

            if (headers[i].Type == ValueMatchType.RegularExpression)
            {
                patterns.Check(headers[i].Value, place.Field("value"), errors);
            }
            else if (HeaderRules.ExplainValue(headers[i].Value) is { } wrong)
            {
                errors.Add(place.Field("value"), wrong);
            }
        }
    }

    private static void ValidateQueryParams(IReadOnlyList<QueryParamMatch> parameters, JsonPath path, SpecErrors errors, PatternBudget patterns)
    {
        Bounds.CheckCount(parameters.Count, SpecLimits.QueryParams, path, errors);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < parameters.Count && !errors.IsFull; i++)
        {
            var place = path.Item(i);
            if (Bounds.CheckLength(parameters[i].Name, SpecLimits.QueryParamNameLength, place.Field("name"), errors)
                && !seen.Add(parameters[i].Name))
            {
                errors.Add(place.Field("name"), $"{Bounds.Quote(parameters[i].Name)} is in this match already; a parameter can be matched once");
            }

            if (parameters[i].Type == ValueMatchType.RegularExpression)
            {
                patterns.Check(parameters[i].Value, place.Field("value"), errors);
            }
            else if (parameters[i].Value.Length > SpecLimits.QueryParamValueLength)
            {
                errors.Add(place.Field("value"), $"has {parameters[i].Value.Length} characters; at most {SpecLimits.QueryParamValueLength} are allowed");
            }
        }
    }
}
