using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Mesh.Silo.Api.Access;

/// <summary>A signature that was verified.</summary>
/// <param name="Issuer">Whose keys it was verified by; other ones have to verify it anew.</param>
/// <param name="Until">From when on the token is no longer good.</param>
internal sealed record JwtProof(OpenIdConnectConfiguration Issuer, DateTimeOffset Until);
