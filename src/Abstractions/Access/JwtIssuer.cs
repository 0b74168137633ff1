namespace Mesh.Abstractions.Access;

/// <summary>Somebody whose tokens are believed. Only signatures by a public key count (RS, PS, ES; RFC 7518).</summary>
public sealed record JwtIssuer
{
    /// <summary>The token's <c>iss</c>, compared whole.</summary>
    public required string Issuer { get; init; }

    /// <summary>
    /// Where its keys are (JWKS, RFC 7517): an http or https URL. Fetched by every proxy of the service, again every
    /// 5 minutes, and for an unknown key at most every 30 s; the last that were read are used while it cannot be reached.
    /// </summary>
    public required string Jwks { get; init; }

    /// <summary>One of the token's <c>aud</c> must be one of these; any will do when empty.</summary>
    public IReadOnlyList<string> Audiences { get; init; } = [];
}
