using Mesh.Abstractions.Access;
using Mesh.Abstractions.Json;

namespace Mesh.Abstractions.Validation;

/// <summary>Whose tokens are believed.</summary>
internal static class JwtIssuerValidator
{
    public static void Validate(IReadOnlyList<JwtIssuer> issuers, JsonPath path, SpecErrors errors)
    {
        Bounds.CheckCount(issuers.Count, SpecLimits.JwtIssuers, path, errors);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < issuers.Count && !errors.IsFull; i++)
        {
            var (issuer, place) = (issuers[i], path.Item(i));
            if (Bounds.CheckLength(issuer.Issuer, SpecLimits.UrlLength, place.Field("issuer"), errors) && !seen.Add(issuer.Issuer))
            {
                errors.Add(place.Field("issuer"), $"{Bounds.Quote(issuer.Issuer)} is in the list already");
            }

            HttpUrl.Check(issuer.Jwks, place.Field("jwks"), errors);
            var audiences = place.Field("audiences");
            Bounds.CheckCount(issuer.Audiences.Count, SpecLimits.AccessItems, audiences, errors);
            for (var one = 0; one < issuer.Audiences.Count && !errors.IsFull; one++)
            {
                Bounds.CheckLength(issuer.Audiences[one], SpecLimits.ClaimLength, audiences.Item(one), errors);
            }
        }
    }
}
