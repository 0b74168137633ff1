using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Routing;

namespace Mesh.Abstractions.Validation;

/// <summary>Where a rule sends requests, and in which shares.</summary>
internal static class BackendRefValidator
{
    public static void Validate(IReadOnlyList<BackendRef> backends, JsonPath path, SpecErrors errors)
    {
        Bounds.CheckCount(backends.Count, SpecLimits.BackendRefs, path, errors);
        var seen = new HashSet<(string?, string)>();
        var hasWeight = backends.Count == 0;
        for (var i = 0; i < backends.Count && !errors.IsFull; i++)
        {
            var backend = backends[i];
            var place = path.Item(i);
            hasWeight |= backend.Weight != 0;
            Bounds.CheckRange(backend.Weight, 0, SpecLimits.Weight, place.Field("weight"), errors);
            if (!DnsLabel.IsValid(backend.Name))
            {
                errors.Add(place.Field("name"), $"is not a service's name: must be {DnsLabel.Rule}");
            }
            else if (!seen.Add((backend.Namespace, backend.Name)))
            {
                errors.Add(place.Field("name"), $"{Bounds.Quote(backend.Name)} is in the list already; give it one weight");
            }

            if (backend.Namespace is { } space && !DnsLabel.IsValid(space))
            {
                errors.Add(place.Field("namespace"), $"is not a namespace: must be {DnsLabel.Rule}");
            }
        }

        if (!hasWeight)
        {
            errors.Add(path, "must not all have weight 0: no request could go anywhere");
        }
    }
}
