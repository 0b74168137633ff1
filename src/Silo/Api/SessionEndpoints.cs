using Mesh.Abstractions.Access;
using Mesh.Grains.Identity;
using Mesh.Silo.Api.Access;
using Mesh.Silo.Api.Audit;
using Mesh.Silo.Api.OpenApi;
using Mesh.Silo.Api.Problems;
using Mesh.Silo.Api.Responses;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Mesh.Silo.Api;

/// <summary>Who one is, and sessions for browsers, which are not to keep tokens.</summary>
internal static class SessionEndpoints
{
    private const string Path = "/v1/session";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet(Path, Get)
            .Needs(ApiRole.Viewer, ApiScope.Somewhere)
            .Describe("Read who one is here, and what one may do")
            .Produces<SessionDocument>();
        api.MapPost(Path, Begin)
            .Needs(ApiRole.Viewer, ApiScope.Somewhere)
            .Describe("Begin a session of 8 h by a token: the answer sets a cookie, and says what writes have to send in the header mesh-csrf")
            .WithMetadata(AuditScope.LogOnly)
            .Produces<SessionDocument>();
        api.MapDelete(Path, End)
            .Needs(ApiRole.Viewer, ApiScope.Somewhere)
            .Describe("End the session")
            .WithMetadata(AuditScope.LogOnly)
            .Produces(StatusCodes.Status204NoContent);
    }

    private static RepresentationResult Get(HttpContext context, ApiSessions sessions) =>
        new RepresentationResult(Representation.OfContent(SessionDocument.Of(context.Principal(), sessions.Read(context))));

    private static RepresentationResult Begin(HttpContext context, ApiSessions sessions)
    {
        if (ApiCredentials.Of(context.Request).Bearer is not { } token)
        {
            throw ApiException.BadRequest("A session begins with a token: send it as Authorization: Bearer.");
        }

        try
        {
            var session = sessions.Begin(context, token);
            context.Response.Headers.CacheControl = "no-store";
            return new RepresentationResult(Representation.OfContent(SessionDocument.Of(context.Principal(), session)));
        }
        catch (AuthorityException exception)
        {
            throw ApiException.Unavailable(exception.Message);
        }
    }

    private static NoContent End(HttpContext context, ApiSessions sessions)
    {
        sessions.End(context);
        return TypedResults.NoContent();
    }
}
