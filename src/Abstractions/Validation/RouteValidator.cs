using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Routing;

namespace Mesh.Abstractions.Validation;

/// <summary>One rule.</summary>
internal static class RouteValidator
{
    public static void Validate(RouteRule rule, JsonPath path, SpecErrors errors, PatternBudget patterns)
    {
        if (!DnsLabel.IsValid(rule.Name))
        {
            errors.Add(path.Field("name"), $"must be {DnsLabel.Rule}");
        }

        var matches = path.Field("matches");
        Bounds.CheckCount(rule.Matches.Count, SpecLimits.Matches, matches, errors);
        for (var i = 0; i < rule.Matches.Count && !errors.IsFull; i++)
        {
            MatchValidator.Validate(rule.Matches[i], matches.Item(i), errors, patterns);
        }

        FilterValidator.ValidateOfRule(rule.Filters, rule.Matches, path.Field("filters"), errors);
        BackendRefValidator.Validate(rule, path.Field("backendRefs"), errors);
        if (rule.Timeouts is { } timeouts)
        {
            TimeoutValidator.Validate(timeouts, path.Field("timeouts"), errors);
        }

        if (rule.Retry is { } retry)
        {
            RetryValidator.Validate(retry, path.Field("retry"), errors);
        }

        if (rule.SessionPersistence is { } session)
        {
            SessionPersistenceValidator.Validate(session, path.Field("sessionPersistence"), errors);
        }

        if (rule.Hedge is { } hedge)
        {
            HedgeValidator.Validate(hedge, path.Field("hedge"), errors);
        }

        if (rule.RateLimit is { } rateLimit)
        {
            RateLimitValidator.Validate(rateLimit, path.Field("rateLimit"), errors);
        }
    }
}
