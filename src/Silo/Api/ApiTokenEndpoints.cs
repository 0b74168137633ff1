using Mesh.Abstractions.Access;
using Mesh.Abstractions.Json;
using Mesh.Grains.Access;
using Mesh.Grains.Identity;
using Mesh.Silo.Api.Access;
using Mesh.Silo.Api.Audit;
using Mesh.Silo.Api.OpenApi;
using Mesh.Silo.Api.Problems;
using Mesh.Silo.Api.Requests;
using Mesh.Silo.Api.Responses;

namespace Mesh.Silo.Api;

/// <summary>Tokens of this API.</summary>
internal static class ApiTokenEndpoints
{
    private const string Path = "/v1/tokens";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet(Path, List)
            .Needs(ApiRole.Admin, ApiScope.Everywhere)
            .Describe("List the tokens of this API that have not expired, without their secrets")
            .Produces<ItemList<ApiTokenView>>();
        api.MapPost(Path, Create)
            .Needs(ApiRole.Admin, ApiScope.Everywhere)
            .Describe("Make a token of this API; its secret is shown in this answer only")
            .Accepts<ApiTokenSpec>("application/json")
            .Produces<NewApiToken>(StatusCodes.Status201Created);
        api.MapGet(Path + "/{token}", Get)
            .Needs(ApiRole.Admin, ApiScope.Everywhere)
            .Describe("Read a token of this API, without its secret")
            .Produces<ApiTokenView>();
        api.MapDelete(Path + "/{token}", Revoke)
            .Needs(ApiRole.Admin, ApiScope.Everywhere)
            .Describe("Revoke a token of this API, by its id or as a whole; within 2 s no silo takes it any more")
            .Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<IResult> List(ApiTokens tokens) =>
        new RepresentationResult(Representation.OfContent(new ItemList<ApiTokenView>(await tokens.List())));

    private static async Task<IResult> Get(HttpContext context, ApiTokens tokens) =>
        (await tokens.List()).FirstOrDefault(token => token.Id == context.Request.TokenId()) is { } found
            ? new RepresentationResult(Representation.OfContent(found))
            : throw Missing();

    private static async Task<IResult> Create(HttpContext context, ApiTokens tokens)
    {
        var spec = await SpecBody.ReadApiToken(context);
        var trail = AuditTrail.Of(context);
        trail.Name("tokens", ofNamespace: null);
        trail.Begin();
        try
        {
            var created = await tokens.Create(spec, Caller.Name(context));
            trail.Name($"tokens/{created.Id}", ofNamespace: null);
            context.Response.Headers.CacheControl = "no-store";
            return TypedResults.Json(created, MeshJson.Options, statusCode: StatusCodes.Status201Created);
        }
        catch (InvalidOperationException exception)
        {
            throw ApiException.Forbidden(exception.Message);
        }
    }

    private static async Task<IResult> Revoke(HttpContext context, ApiTokens tokens)
    {
        var id = TokenText.Api.IdOf(context.Request.TokenId()) ?? throw Missing();
        var trail = AuditTrail.Of(context);
        trail.Name($"tokens/{id}", ofNamespace: null);
        trail.Begin();
        return await tokens.Revoke(id) ? TypedResults.NoContent() : throw Missing();
    }

    private static ApiException Missing() => ApiException.NotFound($"There is no such token; {Path} lists those there are.");
}
