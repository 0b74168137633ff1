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
            for (var i = 0; i < rule.BackendRefs.Count; i++)
            {
                var service = rule.BackendRefs[i].Resolve(owner);
                if (service != owner)
                {
                    yield return (service, path.Field("backendRefs").Item(i));
                }
            }
        }
    }

    public static SpecError Warn((ServiceName Service, JsonPath Path) reference) => new(
        reference.Path.ToString(),
        $"there is no service {reference.Service} yet; until there is, its share of the requests fails");
}
