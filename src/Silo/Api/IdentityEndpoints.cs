using Mesh.Abstractions.Access;
using Mesh.Abstractions.Identity;
using Mesh.Abstractions.Json;
using Mesh.Grains.Identity;
using Mesh.Silo.Api.Access;
using Mesh.Silo.Api.Audit;
using Mesh.Silo.Api.OpenApi;
using Mesh.Silo.Api.Problems;
using Mesh.Silo.Api.Requests;
using Mesh.Silo.Api.Responses;
using Mesh.Silo.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Mesh.Silo.Api;

/// <summary>Certificates for proxies, the roots to trust, and join tokens.</summary>
internal static class IdentityEndpoints
{
    private const string Tokens = "/v1/identity/tokens";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/v1/identity/certificates", Issue)
            .IsOpen()
            .Describe("Get a certificate for a key, by a join token, a service account's token, or the certificate one has")
            .WithMetadata(AuditScope.LogOnly)
            .Accepts<CertificateAsk>("application/json")
            .Produces<IssuedCertificate>();
        api.MapGet("/v1/identity/bundle", Bundle)
            .IsOpen()
            .Describe("Read the roots of the trust domain")
            .Produces<TrustBundle>();
        api.MapPost("/v1/identity/rotate", Rotate)
            .Needs(ApiRole.Admin, ApiScope.Everywhere)
            .Describe("Change the root that Mesh made: the next one is trusted at once, and signs after a delay (1h)")
            .Accepts<RotationBody>("application/json")
            .Produces<RotationStarted>();
        api.MapGet(Tokens, List)
            .Needs(ApiRole.Admin, ApiScope.Somewhere)
            .Describe("List the join tokens that have not expired, without their secrets")
            .Produces<ItemList<JoinTokenView>>();
        api.MapPost(Tokens, Create)
            .Needs(ApiRole.Admin, ApiScope.Somewhere)
            .Describe("Make a join token; its secret is shown in this answer only")
            .Accepts<JoinTokenSpec>("application/json")
            .Produces<NewJoinToken>(StatusCodes.Status201Created);
        api.MapDelete(Tokens + "/{token}", Revoke)
            .Needs(ApiRole.Admin, ApiScope.Somewhere)
            .Describe("Revoke a join token, by its id or as a whole; certificates it gave stay valid until they expire")
            .Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<IResult> Issue(HttpContext context, CertificateIssuer issuer, IssueLimit limit)
    {
        if (!limit.TryPass())
        {
            throw ApiException.TooMany("This silo is asked for more certificates than it makes (400 a second). Ask again in a second.");
        }

        var ask = await SpecBody.ReadCertificateAsk(context);
        return await Answer(async () =>
        {
            var issued = await issuer.Issue(ask, context.RequestAborted);
            AuditTrail.Of(context).Name(issued.Identity, ofNamespace: null);
            return Secret(context, issued, StatusCodes.Status200OK);
        });
    }

    private static Task<IResult> Bundle(AuthorityKeeper keeper) => Answer(async () => new RepresentationResult(
        Representation.OfContent(new TrustBundle { TrustDomain = keeper.TrustDomain, Bundle = (await keeper.Get()).Bundle })));

    private static async Task<IResult> Rotate(HttpContext context, AuthorityKeeper keeper)
    {
        var body = await SpecBody.ReadRotation(context);
        AuditTrail.Of(context).Begin();
        return await Answer(async () => new RepresentationResult(
            Representation.OfContent(new RotationStarted { SignsFrom = await keeper.Rotate(body.After) })));
    }

    private static async Task<IResult> List(HttpContext context, JoinTokens tokens) => new RepresentationResult(Representation.OfContent(
        new ItemList<JoinTokenView>([.. (await tokens.List()).Where(token => IsShown(context, token))])));

    private static async Task<IResult> Create(HttpContext context, JoinTokens tokens)
    {
        var spec = await SpecBody.ReadJoinToken(context);
        context.Principal().Require(ApiRole.Admin, spec.Service.Namespace);
        var trail = AuditTrail.Of(context);
        trail.Name("identity/tokens", spec.Service.Namespace);
        trail.Begin();
        try
        {
            var created = await tokens.Create(spec);
            trail.Name($"identity/tokens/{created.Id}", spec.Service.Namespace);
            return Secret(context, created, StatusCodes.Status201Created);
        }
        catch (InvalidOperationException exception)
        {
            throw ApiException.Forbidden(exception.Message);
        }
    }

    private static bool IsShown(HttpContext context, JoinTokenView token) => context.Principal().May(ApiRole.Admin, token.Service.Namespace);

    private static async Task<IResult> Revoke(HttpContext context, JoinTokens tokens)
    {
        var id = TokenText.Join.IdOf(context.Request.TokenId()) ?? throw MissingToken();
        if (!context.Principal().MayEverywhere(ApiRole.Admin) && !(await tokens.List()).Any(token => token.Id == id && IsShown(context, token)))
        {
            throw MissingToken();
        }

        var trail = AuditTrail.Of(context);
        trail.Name($"identity/tokens/{id}", ofNamespace: null);
        trail.Begin();
        return await tokens.Revoke(id) ? TypedResults.NoContent() : throw MissingToken();
    }

    private static ApiException MissingToken() => ApiException.NotFound($"There is no such join token; {Tokens} lists those there are.");

    private static async Task<IResult> Answer(Func<Task<IResult>> work)
    {
        try
        {
            return await work();
        }
        catch (IdentityRefusedException exception)
        {
            throw ApiException.IdentityRefused(exception);
        }
        catch (AuthorityException exception)
        {
            throw ApiException.Unavailable(exception.Message);
        }
    }

    /// <summary>What no cache on the way may keep.</summary>
    private static JsonHttpResult<T> Secret<T>(HttpContext context, T value, int status)
    {
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(value, MeshJson.Options, statusCode: status);
    }
}
