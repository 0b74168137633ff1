using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Validation;

namespace Mesh.Silo.Api.Writes;

/// <summary>The places in rules that name other services.</summary>
internal static class BackendReferences
{
    public static IEnumerable<(ServiceName Service, JsonPath Path)> Of(ServiceName owner, IEnumerable<(RouteRule Rule, JsonPath Path)> rules)
    {
        foreach (var (rule, path) in rules)
        {
            foreach (var mirror in Mirrors(owner, rule.Filters, path))
            {
                yield return mirror;
            }

            for (var i = 0; i < rule.BackendRefs.Count; i++)
            {
                var place = path.Field("backendRefs").Item(i);
                var service = rule.BackendRefs[i].Resolve(owner);
                if (service != owner)
                {
                    yield return (service, place);
                }

                foreach (var mirror in Mirrors(owner, rule.BackendRefs[i].Filters, place))
                {
                    yield return mirror;
                }
            }
        }
    }

    private static IEnumerable<(ServiceName Service, JsonPath Path)> Mirrors(ServiceName owner, IReadOnlyList<RouteFilter> filters, JsonPath path)
    {
        for (var i = 0; i < filters.Count; i++)
        {
            if (filters[i].RequestMirror is { } mirror && mirror.BackendRef.Resolve(owner) is var service && service != owner)
            {
                yield return (service, path.Field("filters").Item(i).Field("requestMirror").Field("backendRef"));
            }
        }
    }

    public static SpecError Warn((ServiceName Service, JsonPath Path) reference) => new(
        reference.Path.ToString(),
        $"there is no service {reference.Service} yet; until there is, what goes there fails");
}
