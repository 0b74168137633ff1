using Mesh.Abstractions.Access;
using Mesh.Abstractions.Naming;
using Mesh.Silo.Api.Audit;
using Mesh.Silo.Api.Problems;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Mesh.Silo.Api.Access;

/// <summary>
/// Tokens of an OpenID Connect issuer (RFC 7519). Its keys are read when they are first needed, again from time to time, and
/// for a key that is not known at most every 30 s.
/// </summary>
internal sealed partial class JwtAuthenticator : IBearerAuthenticator, IDisposable
{
    private const string MetadataPath = "/.well-known/openid-configuration";

    /// <summary>Signatures by public keys: who could make one by a secret that is not in the issuer's hands alone?</summary>
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly HttpClient _http;
    private readonly ConfigurationManager<OpenIdConnectConfiguration> _issuer;
    private readonly string _authority;
    private readonly string _audience;
    private readonly string _rolesClaim;
    private readonly string _nameClaim;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public JwtAuthenticator(
        string authority, string? metadataAddress, string audience, string rolesClaim, string nameClaim, TimeProvider time, ILogger<JwtAuthenticator> logger)
    {
        _authority = authority;
        _audience = audience;
        _rolesClaim = rolesClaim;
        _nameClaim = nameClaim;
        _time = time;
        _logger = logger;
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            Timeout = TimeSpan.FromSeconds(5),
            MaxResponseContentBufferSize = 1 << 20,
        };
        _issuer = new ConfigurationManager<OpenIdConnectConfiguration>(
            metadataAddress ?? authority.TrimEnd('/') + MetadataPath,
            new OpenIdConnectConfigurationRetriever(),
            new HttpDocumentRetriever(_http) { RequireHttps = false })
        {
            AutomaticRefreshInterval = TimeSpan.FromHours(1),
            RefreshInterval = TimeSpan.FromSeconds(30),
        };
    }

    public async ValueTask<ApiPrincipal?> Find(string token)
    {
        // Others' tokens have no three parts, and cost nothing.
        if (token.AsSpan().Count('.') != 2 || !_handler.CanReadToken(token))
        {
            return null;
        }

        var result = await Validate(token, await Keys());
        if (result.Exception is SecurityTokenSignatureKeyNotFoundException)
        {
            _issuer.RequestRefresh();
            result = await Validate(token, await Keys());
        }

        return result.IsValid ? ToPrincipal((JsonWebToken)result.SecurityToken) : null;
    }

    public void Dispose() => _http.Dispose();

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

    private async Task<OpenIdConnectConfiguration> Keys()
    {
        try
        {
            return await _issuer.GetConfigurationAsync(CancellationToken.None);
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException or OperationCanceledException)
        {
            LogUnreachable(_authority, exception.GetBaseException().Message);
            throw ApiException.Unavailable("The issuer of tokens (Mesh:Api:Auth:Jwt:Authority) cannot be asked for its keys; the silo's log says why.");
        }
    }

    private Task<TokenValidationResult> Validate(string token, OpenIdConnectConfiguration keys) => _handler.ValidateTokenAsync(token, new TokenValidationParameters
    {
        ValidIssuer = keys.Issuer is { Length: > 0 } issuer ? issuer : _authority,
        ValidAudience = _audience,
        IssuerSigningKeys = keys.SigningKeys,
        ValidAlgorithms = Algorithms,
        ClockSkew = TimeSpan.FromMinutes(1),
        RequireExpirationTime = true,
        RequireSignedTokens = true,
        TryAllIssuerSigningKeys = false,
        LifetimeValidator = (notBefore, expires, _, parameters) =>
        {
            var now = _time.GetUtcNow().UtcDateTime;
            return expires is { } end && now < end + parameters.ClockSkew && (notBefore is not { } start || now >= start - parameters.ClockSkew);
        },
    });

    private ApiPrincipal ToPrincipal(JsonWebToken token)
    {
        var name = token.TryGetClaim(_nameClaim, out var claim) ? claim.Value : "nobody";
        var grants = token.Claims.Where(one => one.Type == _rolesClaim)
            .SelectMany(static one => one.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Take(ApiTokenSpec.MaxNamespaces)
            .Select(ParseRole)
            .OfType<ApiGrant>();
        return new ApiPrincipal($"jwt:{AuditText.Clean(name, AuditText.MaxName)}", [.. grants]);
    }

    [LoggerMessage(3304, LogLevel.Warning, "The issuer {Authority} cannot be asked for its keys: {Reason}")]
    private partial void LogUnreachable(string authority, string reason);
}
