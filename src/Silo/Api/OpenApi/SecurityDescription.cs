using Mesh.Silo.Api.Access;
using Microsoft.OpenApi;

namespace Mesh.Silo.Api.OpenApi;

/// <summary>How callers prove who they are, where they have to.</summary>
internal static class SecurityDescription
{
    private const string Bearer = "bearer";
    private const string Session = "session";
    private const string Csrf = "csrf";
    private const string Certificate = "certificate";

    public static IDictionary<string, IOpenApiSecurityScheme> Schemes { get; } = new Dictionary<string, IOpenApiSecurityScheme>
    {
        [Bearer] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "A token that POST /v1/tokens made, one of the OpenID Connect issuer, or the administrator's. Only where Mesh:Api:Auth:Mode is Required.",
        },
        [Session] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Cookie,
            Name = ApiSessions.Cookie,
            Description = "A browser's session, which POST /v1/session begins with a token.",
        },
        [Csrf] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Header,
            Name = ApiSessions.CsrfHeader,
            Description = "For the writes of a session: the csrf in the answer of POST /v1/session.",
        },
        [Certificate] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.MutualTLS,
            Description = "A client certificate of an authority in Mesh:Api:Tls:ClientRoots, whose name is in Mesh:Api:Auth:Certificates.",
        },
    };

    /// <param name="need">Null for one that says nothing, which demands everything.</param>
    /// <returns>What an operation takes, one of them; none for one that is open to all.</returns>
    public static IList<OpenApiSecurityRequirement> Of(ApiNeed? need, bool isRead, OpenApiDocument? document) =>
        need is { Role: null } ? [] : [Require(document, Bearer), isRead ? Require(document, Session) : Require(document, Session, Csrf), Require(document, Certificate)];

    private static OpenApiSecurityRequirement Require(OpenApiDocument? document, params ReadOnlySpan<string> schemes)
    {
        var requirement = new OpenApiSecurityRequirement();
        foreach (var scheme in schemes)
        {
            requirement[new OpenApiSecuritySchemeReference(scheme, document)] = [];
        }

        return requirement;
    }
}
