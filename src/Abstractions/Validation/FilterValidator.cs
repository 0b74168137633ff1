using Mesh.Abstractions.Json;
using Mesh.Abstractions.Routing;

namespace Mesh.Abstractions.Validation;

/// <summary>
/// The filters of a rule or of a backend: each type once, mirrors aside, with the member its type names and no other.
/// </summary>
internal static class FilterValidator
{
    /// <param name="matches">Those of the rule, which say what a path starts with.</param>
    public static void ValidateOfRule(
        IReadOnlyList<RouteFilter> filters, IReadOnlyList<RouteMatch> matches, JsonPath path, SpecErrors errors)
    {
        Validate(filters, matches, path, errors);
        CheckExclusive(filters, RouteFilterType.UrlRewrite, RouteFilterType.RequestRedirect, path, errors,
            "a rule that redirects forwards nothing, so there is no URL to rewrite; give the redirect a \"hostname\" or a \"path\"");
        CheckExclusive(filters, RouteFilterType.DirectResponse, RouteFilterType.RequestRedirect, path, errors,
            "a rule answers with a redirect or with a fixed response, not with both");
        CheckExclusive(filters, RouteFilterType.UrlRewrite, RouteFilterType.DirectResponse, path, errors,
            "a rule with a fixed response forwards nothing, so there is no URL to rewrite");
    }

    public static void ValidateOfBackend(
        IReadOnlyList<RouteFilter> filters, IReadOnlyList<RouteMatch> matches, JsonPath path, SpecErrors errors)
    {
        Validate(filters, matches, path, errors);
        for (var i = 0; i < filters.Count && !errors.IsFull; i++)
        {
            if (filters[i].Type is RouteFilterType.RequestRedirect or RouteFilterType.Cors or RouteFilterType.FaultInjection or RouteFilterType.DirectResponse)
            {
                errors.Add(path.Item(i).Field("type"), $"a backend cannot have a {NameOf(filters[i].Type)} filter; give it to the rule");
            }
        }
    }

    private static void Validate(IReadOnlyList<RouteFilter> filters, IReadOnlyList<RouteMatch> matches, JsonPath path, SpecErrors errors)
    {
        Bounds.CheckCount(filters.Count, SpecLimits.Filters, path, errors);
        var seen = new HashSet<RouteFilterType>();
        for (var i = 0; i < filters.Count && !errors.IsFull; i++)
        {
            var place = path.Item(i);
            if (errors.IsMalformed(place.Field("type")))
            {
                continue;
            }

            if (!seen.Add(filters[i].Type) && filters[i].Type != RouteFilterType.RequestMirror)
            {
                errors.Add(place.Field("type"), $"there can be one {NameOf(filters[i].Type)} filter; put both into one");
            }

            new Members(filters[i].Type, place, errors).Validate(filters[i], matches);
        }
    }

    /// <summary>Reports <paramref name="type"/> where <paramref name="other"/> is there too.</summary>
    private static void CheckExclusive(
        IReadOnlyList<RouteFilter> filters, RouteFilterType type, RouteFilterType other, JsonPath path, SpecErrors errors, string message)
    {
        var index = IndexOf(filters, type, path, errors);
        if (index >= 0 && IndexOf(filters, other, path, errors) >= 0)
        {
            errors.Add(path.Item(index).Field("type"), message);
        }
    }

    /// <returns>-1 when there is none; one whose type could not be read is none.</returns>
    private static int IndexOf(IReadOnlyList<RouteFilter> filters, RouteFilterType type, JsonPath path, SpecErrors errors)
    {
        for (var i = 0; i < filters.Count; i++)
        {
            if (filters[i].Type == type && !errors.IsMalformed(path.Item(i).Field("type")))
            {
                return i;
            }
        }

        return -1;
    }

    private static string NameOf(RouteFilterType type) => type switch
    {
        RouteFilterType.UrlRewrite => "URLRewrite",
        RouteFilterType.Cors => "CORS",
        _ => type.ToString(),
    };

    /// <summary>The members of one filter.</summary>
    private readonly struct Members(RouteFilterType type, JsonPath place, SpecErrors errors)
    {
        public void Validate(RouteFilter filter, IReadOnlyList<RouteMatch> matches)
        {
            Check(filter.RequestHeaderModifier, RouteFilterType.RequestHeaderModifier, "requestHeaderModifier", HeaderModifierValidator.Validate);
            Check(filter.ResponseHeaderModifier, RouteFilterType.ResponseHeaderModifier, "responseHeaderModifier", HeaderModifierValidator.Validate);
            Check(filter.RequestRedirect, RouteFilterType.RequestRedirect, "requestRedirect",
                (redirect, path, all) => RedirectValidator.Validate(redirect, matches, path, all));
            Check(filter.UrlRewrite, RouteFilterType.UrlRewrite, "urlRewrite",
                (rewrite, path, all) => RewriteValidator.Validate(rewrite, matches, path, all));
            Check(filter.RequestMirror, RouteFilterType.RequestMirror, "requestMirror", MirrorValidator.Validate);
            Check(filter.Cors, RouteFilterType.Cors, "cors", CorsValidator.Validate);
            Check(filter.FaultInjection, RouteFilterType.FaultInjection, "faultInjection", FaultValidator.Validate);
            Check(filter.DirectResponse, RouteFilterType.DirectResponse, "directResponse", DirectResponseValidator.Validate);
        }

        private void Check<T>(T? member, RouteFilterType owner, string name, Action<T, JsonPath, SpecErrors> validate)
            where T : class
        {
            var path = place.Field(name);
            if (member is null)
            {
                if (owner == type)
                {
                    errors.Add(path, $"is required for a filter of type {NameOf(type)}");
                }
            }
            else if (owner != type)
            {
                errors.Add(path, $"does not belong to a filter of type {NameOf(type)}");
            }
            else
            {
                validate(member, path, errors);
            }
        }
    }
}
