using System.Text;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Mesh.Silo.Api.Audit;

/// <summary>What a request's path is about, by its route: <c>/v1/services/shop/web/routes/beta</c> is <c>shop/web/routes/beta</c>.</summary>
internal static class AuditResource
{
    /// <returns>Null when the path names nothing: a collection, or no path of the API.</returns>
    public static string? Of(HttpContext context)
    {
        if (context.GetEndpoint() is not RouteEndpoint { RoutePattern: var pattern })
        {
            return null;
        }

        // The last words of a POST say what to do (/drain), those of other methods what it is (/traffic).
        var segments = pattern.PathSegments;
        var last = LastParameter(segments);
        var count = last < 0 ? 0 : HttpMethods.IsPost(context.Request.Method) ? last + 1 : segments.Count;
        var resource = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            var part = segments[i].Parts[0];
            if (part is RoutePatternLiteralPart { Content: "v1" or "services" })
            {
                continue;
            }

            resource.Append(resource.Length == 0 ? "" : "/").Append(part switch
            {
                RoutePatternParameterPart parameter => context.Request.RouteValues[parameter.Name]?.ToString(),
                RoutePatternLiteralPart literal => literal.Content,
                _ => "",
            });
        }

        return resource.Length == 0 ? null : AuditText.Clean(resource.ToString(), AuditText.MaxPath);
    }

    private static int LastParameter(IReadOnlyList<RoutePatternPathSegment> segments)
    {
        for (var i = segments.Count - 1; i >= 0; i--)
        {
            if (segments[i].Parts[0].IsParameter)
            {
                return i;
            }
        }

        return -1;
    }
}
