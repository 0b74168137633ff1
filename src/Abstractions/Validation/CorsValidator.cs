using Mesh.Abstractions.Json;
using Mesh.Abstractions.Routing;

namespace Mesh.Abstractions.Validation;

/// <summary>Which pages of other origins may call. <c>*</c> means everything, so it stands alone in its list.</summary>
internal static class CorsValidator
{
    private const string Everything = "*";

    /// <summary>86,400 s: what browsers cap at, roughly.</summary>
    private const int MaxAge = 86_400;

    public static void Validate(CorsPolicy policy, JsonPath path, SpecErrors errors)
    {
        if (policy.AllowOrigins.Count == 0)
        {
            errors.Add(path.Field("allowOrigins"), "must name at least one origin, such as \"https://shop.example\", or \"*\"");
        }

        ValidateList(policy.AllowOrigins, SpecLimits.CorsItems, path.Field("allowOrigins"), errors, StringComparer.OrdinalIgnoreCase, ExplainOrigin);
        ValidateList(policy.AllowMethods, SpecLimits.CorsMethods, path.Field("allowMethods"), errors, StringComparer.Ordinal, ExplainMethod);
        ValidateList(policy.AllowHeaders, SpecLimits.CorsItems, path.Field("allowHeaders"), errors, StringComparer.OrdinalIgnoreCase, HeaderRules.ExplainName);
        ValidateList(policy.ExposeHeaders, SpecLimits.CorsItems, path.Field("exposeHeaders"), errors, StringComparer.OrdinalIgnoreCase, HeaderRules.ExplainName);
        Bounds.CheckRange(policy.MaxAge, 1, MaxAge, path.Field("maxAge"), errors);
    }

    private static void ValidateList(
        IReadOnlyList<string> items, int max, JsonPath path, SpecErrors errors, StringComparer comparer, Func<string, string?> explain)
    {
        Bounds.CheckCount(items.Count, max, path, errors);
        var seen = new HashSet<string>(comparer);
        for (var i = 0; i < items.Count && !errors.IsFull; i++)
        {
            if (items[i] == Everything && items.Count > 1)
            {
                errors.Add(path.Item(i), "\"*\" must stand alone: it means everything");
            }
            else if (items[i] != Everything && explain(items[i]) is { } problem)
            {
                errors.Add(path.Item(i), problem);
            }
            else if (!seen.Add(items[i]))
            {
                errors.Add(path.Item(i), $"{Bounds.Quote(items[i])} is in the list already");
            }
        }
    }

    private static string? ExplainOrigin(string origin) => CorsOrigin.TryParse(origin, out _)
        ? null
        : $"{Bounds.Quote(origin)} is not an origin: write http:// or https://, a host (it may start with \"*.\" or be \"*\") and, if need be, a port; no path";

    private static string? ExplainMethod(string method) => HttpToken.IsValid(method) && !method.AsSpan().ContainsAnyInRange('a', 'z')
        ? null
        : $"{Bounds.Quote(method)} is not an HTTP method in upper case, such as \"PUT\"";
}
