using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Routing;

namespace Mesh.Abstractions.Validation;

/// <summary>The application that calls.</summary>
internal static class CallerMatchValidator
{
    public static void Validate(CallerMatch caller, JsonPath path, SpecErrors errors)
    {
        if (caller is { Identity: null, Namespace: null })
        {
            errors.Add(path, "matches nobody in particular: give \"identity\" or \"namespace\"");
        }

        if (caller.Identity is { } identity && !SpiffeId.IsValid(identity))
        {
            errors.Add(path.Field("identity"), $"{Bounds.Quote(identity)} is not a SPIFFE ID, such as \"spiffe://mesh.local/ns/shop/svc/web\"");
        }

        if (caller.Namespace is { } space && !DnsLabel.IsValid(space))
        {
            errors.Add(path.Field("namespace"), $"is not a namespace: must be {DnsLabel.Rule}");
        }
    }
}
