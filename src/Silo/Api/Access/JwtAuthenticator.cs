using Mesh.Abstractions.Access;
using Mesh.Abstractions.Naming;
using Mesh.Grains.Identity;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Mesh.Silo.Api.Access;

/// <summary>
/// Tokens of an OpenID Connect issuer (RFC 7519), whose <see cref="IssuerKeys"/> must have signed them.
/// </summary>
internal sealed class JwtAuthenticator : IBearerAuthenticator, IDisposable
{
    private const string MetadataPath = "/.well-known/openid-configuration";

    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    /// <summary>Signatures by public keys: who could make one by a secret that is not in the issuer's hands alone?</summary>
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly IssuerKeys _issuer;
    private readonly string? _name;
    private readonly string _audience;
    private readonly string _rolesClaim;
    private readonly string _nameClaim;
    private readonly TimeProvider _time;

    public JwtAuthenticator(
        string? authority, string? metadataAddress, string? issuer, string audience, string rolesClaim, string nameClaim, TimeProvider time, ILogger<JwtAuthenticator> logger)
    {
        _name = issuer;
        _audience = audience;
        _rolesClaim = rolesClaim;
        _nameClaim = nameClaim;
        _time = time;
        _issuer = new IssuerKeys(metadataAddress ?? authority!.TrimEnd('/') + MetadataPath, time, logger);
    }

    public async ValueTask<ApiPrincipal?> Find(string token, CancellationToken cancellationToken)
    {
        // Others' tokens cost nothing, and wait for no issuer. Those of this API have three parts as well.
        if (TokenText.Api.IsKind(token) || token.AsSpan().Count('.') != 2 || !_handler.CanReadToken(token))
        {
            return null;
        }

        var keys = await _issuer.Get();
        var result = await Validate(token, keys);
        if (result.Exception is SecurityTokenSignatureKeyNotFoundException && await _issuer.Renew(keys) is var newer && newer != keys)
        {
            keys = newer;
            result = await Validate(token, keys);
        }

        return result.IsValid ? ToPrincipal((JsonWebToken)result.SecurityToken, keys) : null;
    }

    public async ValueTask<ApiPrincipal?> FindAgain(string token, ApiPrincipal known, CancellationToken cancellationToken)
    {
        if (known.Proof is not { } proof || !ReferenceEquals(await _issuer.Get(), proof.Issuer))
        {
            return await Find(token, cancellationToken);
        }

        return _time.GetUtcNow() < proof.Until ? known : null;
    }

    public void Dispose() => _issuer.Dispose();

    /// <returns>Null for what is no role.</returns>
    internal static ApiGrant? ParseRole(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (name, space) = colon < 0 ? (text, ApiTokenSpec.AllNamespaces) : (text[..colon], text[(colon + 1)..]);
        ApiRole? role = name switch
        {
            "viewer" => ApiRole.Viewer,
            "editor" => ApiRole.Editor,
            "admin" => ApiRole.Admin,
            _ => null,
        };
        return role is { } known && (space == ApiTokenSpec.AllNamespaces || DnsLabel.IsValid(space)) ? new ApiGrant(known, [space]) : null;
    }

    private Task<TokenValidationResult> Validate(string token, OpenIdConnectConfiguration keys) => _handler.ValidateTokenAsync(token, new TokenValidationParameters
    {
        ValidIssuer = _name ?? keys.Issuer,
        ValidAudience = _audience,
        IssuerSigningKeys = keys.SigningKeys,
        ValidAlgorithms = Algorithms,
        ClockSkew = Skew,
        RequireExpirationTime = true,
        RequireSignedTokens = true,
        TryAllIssuerSigningKeys = false,
        LifetimeValidator = (notBefore, expires, _, parameters) =>
        {
            var now = _time.GetUtcNow().UtcDateTime;
            return expires is { } end && now < end + parameters.ClockSkew && (notBefore is not { } start || now >= start - parameters.ClockSkew);
        },
    });

    private ApiPrincipal ToPrincipal(JsonWebToken token, OpenIdConnectConfiguration keys)
    {
        var name = token.TryGetClaim(_nameClaim, out var claim) ? claim.Value : "nobody";
        var grants = token.Claims.Where(one => one.Type == _rolesClaim)
            .SelectMany(static one => one.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Take(ApiTokenSpec.MaxNamespaces)
            .Select(ParseRole)
            .OfType<ApiGrant>();
        return new ApiPrincipal($"jwt:{name}", [.. grants]) { Proof = new JwtProof(keys, new DateTimeOffset(token.ValidTo, TimeSpan.Zero) + Skew) };
    }
}
