using Mesh.Abstractions.Access;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;

namespace Mesh.Abstractions.Validation;

/// <summary>Who calls, in an access rule.</summary>
internal static class AccessSourceValidator
{
    public static void Validate(AccessSource from, JsonPath path, SpecErrors errors)
    {
        if (from.Identities.Count + from.Namespaces.Count + from.Addresses.Count + from.Claims.Count == 0)
        {
            errors.Add(path, "names nobody: give \"identities\", \"namespaces\", \"addresses\" or \"claims\", or leave it out for anybody");
        }

        CheckEach(from.Identities, path.Field("identities"), errors, static identity => SpiffeId.IsValid(identity)
            ? null
            : $"{Bounds.Quote(identity)} is not a SPIFFE ID, such as \"spiffe://mesh.local/ns/shop/svc/web\"; for a whole namespace use \"namespaces\"");
        CheckEach(from.Namespaces, path.Field("namespaces"), errors, static space => DnsLabel.IsValid(space)
            ? null
            : $"{Bounds.Quote(space)} is not a namespace: must be {DnsLabel.Rule}");
        CheckEach(from.Addresses, path.Field("addresses"), errors, static address => AddressRange.TryParse(address, out _)
            ? null
            : $"{Bounds.Quote(address)} is not {AddressRange.Rule}");

        var claims = path.Field("claims");
        Bounds.CheckCount(from.Claims.Count, SpecLimits.AccessClaims, claims, errors);
        for (var i = 0; i < from.Claims.Count && !errors.IsFull; i++)
        {
            Bounds.CheckLength(from.Claims[i].Name, SpecLimits.ClaimLength, claims.Item(i).Field("name"), errors);
            CheckEach(from.Claims[i].Values, claims.Item(i).Field("values"), errors, static value => value.Length is > 0 and <= SpecLimits.ClaimLength
                ? null
                : $"must have 1 to {SpecLimits.ClaimLength} characters");
        }
    }

    private static void CheckEach(IReadOnlyList<string> items, JsonPath path, SpecErrors errors, Func<string, string?> explain)
    {
        Bounds.CheckCount(items.Count, SpecLimits.AccessItems, path, errors);
        for (var i = 0; i < items.Count && !errors.IsFull; i++)
        {
            if (explain(items[i]) is { } problem)
            {
                errors.Add(path.Item(i), problem);
            }
        }
    }
}
