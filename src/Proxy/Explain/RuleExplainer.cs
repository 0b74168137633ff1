using Mesh.Abstractions.Explain;
using Mesh.Proxy.Filters;
using Mesh.Proxy.Routing;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.Explain;

/// <summary>Which rules a request matches, and what their filters answer.</summary>
internal static class RuleExplainer
{
    /// <summary>Every match of every rule, in the order of precedence, up to <paramref name="limit"/>.</summary>
    public static IReadOnlyList<RuleExplanation> Explain(ServiceModel? model, HttpRequest request, CallerIdentity caller, int limit)
    {
        var explanations = new List<RuleExplanation>();
        foreach (var entry in (model?.Routes.Entries ?? []).Take(limit))
        {
            var facts = RequestFacts.Of(request, caller);
            var reason = entry.Matches(facts) ? null : MatchReason.Find(entry, facts);
            explanations.Add(new RuleExplanation
            {
                Rule = entry.Rule.Name,
                Match = PositionOf(model!, entry),
                Matches = reason is null,
                Reason = reason,
            });
        }

        return explanations;
    }

    /// <summary>What the proxy does by itself with requests that a rule matches; null when it only forwards them.</summary>
    public static string? AnswerOf(RouteEntry entry, HttpContext context)
    {
        var filters = entry.Rule.Filters;
        if (filters?.Cors is not null && CorsFilter.IsPreflight(context.Request))
        {
            return "CORS preflight";
        }

        return filters?.Redirect is { } redirect
            ? $"redirect to {redirect.Location(context, entry.Path.PrefixSegments)}"
            : filters?.DirectResponse is not null ? "direct response" : null;
    }

    private static int PositionOf(ServiceModel model, RouteEntry entry)
    {
        foreach (var rule in model.Spec?.Routes ?? [])
        {
            var index = rule.Matches.TakeWhile(match => !ReferenceEquals(match, entry.Match)).Count();
            if (rule.Name == entry.Rule.Name && index < rule.Matches.Count)
            {
                return index;
            }
        }

        return 0;
    }
}
