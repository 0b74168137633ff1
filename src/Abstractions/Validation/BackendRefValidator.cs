using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Routing;

namespace Mesh.Abstractions.Validation;

/// <summary>Where a rule sends requests, and in which shares.</summary>
internal static class BackendRefValidator
{
    public static void Validate(RouteRule rule, JsonPath path, SpecErrors errors)
    {
        var backends = rule.BackendRefs;
        if (backends.Count > 0 && rule.Filters.FirstOrDefault(IsAnswer) is { } answer)
        {
            errors.Add(path, $"must be empty in a rule with a {answer.Type} filter: it forwards nothing");
        }

        Bounds.CheckCount(backends.Count, SpecLimits.BackendRefs, path, errors);
        var seen = new HashSet<(string?, string, string)>();
        var hasWeight = backends.Count == 0;
        for (var i = 0; i < backends.Count && !errors.IsFull; i++)
        {
            var backend = backends[i];
            var place = path.Item(i);
            hasWeight |= backend.Weight != 0;
            Bounds.CheckRange(backend.Weight, 0, SpecLimits.Weight, place.Field("weight"), errors);
            if (ReservedNames.ValidateBackend(backend.Name, place.Field("name"), errors) && !seen.Add((backend.Namespace, backend.Name, backend.Subset)))
            {
                errors.Add(place.Field("name"), $"{Bounds.Quote(backend.Name)} is in the list already; give it one weight, or other \"labels\"");
            }

            if (backend.Namespace is { } space && !DnsLabel.IsValid(space))
            {
                errors.Add(place.Field("namespace"), $"is not a namespace: must be {DnsLabel.Rule}");
            }

            LabelRules.Validate(backend.Labels, place.Field("labels"), errors);
            FilterValidator.ValidateOfBackend(backend.Filters, rule.Matches, place.Field("filters"), errors);
        }

        if (!hasWeight)
        {
            errors.Add(path, "must not all have weight 0: no request could go anywhere");
        }
    }

    private static bool IsAnswer(RouteFilter filter) => filter is { RequestRedirect: not null } or { DirectResponse: not null };
}
