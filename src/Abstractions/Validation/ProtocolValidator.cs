using Mesh.Abstractions.Json;
using Mesh.Abstractions.Services;

namespace Mesh.Abstractions.Validation;

/// <summary>What a service's protocol rules out.</summary>
internal static class ProtocolValidator
{
    public static void Validate(ServiceSpec spec, JsonPath path, SpecErrors errors)
    {
        if (spec.Protocol != ServiceProtocol.Tcp)
        {
            return;
        }

        if (spec.Traffic.RateLimit is not null)
        {
            errors.Add(path.Field("traffic").Field("rateLimit"), "can never apply: of a service with protocol \"tcp\" no requests are seen; \"limits\" bounds its connections");
        }

        if (spec.Routes.Count > 1)
        {
            errors.Add(path.Field("routes").Item(1), "can never apply: all connections of a service with protocol \"tcp\" follow its first rule");
        }

        for (var i = 0; i < spec.Routes.Count && !errors.IsFull; i++)
        {
            if (spec.Routes[i] is not { Matches.Count: 0, Filters.Count: 0, Timeouts: null, Retry: null, Hedge: null, SessionPersistence: null, RateLimit: null })
            {
                errors.Add(path.Field("routes").Item(i), "may have only \"name\" and \"backendRefs\": of a service with protocol \"tcp\" no requests are seen");
            }
        }
    }
}
