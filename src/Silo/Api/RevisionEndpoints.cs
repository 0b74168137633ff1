using Mesh.Abstractions.Access;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Validation;
using Mesh.Abstractions.Writes;
using Mesh.Silo.Api.Access;
using Mesh.Silo.Api.OpenApi;
using Mesh.Silo.Api.Problems;
using Mesh.Silo.Api.Requests;
using Mesh.Silo.Api.Responses;
using Mesh.Silo.Api.Watching;
using Mesh.Silo.Api.Writes;

namespace Mesh.Silo.Api;

/// <summary>What a service's spec was, and the way back.</summary>
internal static class RevisionEndpoints
{
    private const string Path = "/v1/services/{namespace}/{name}/revisions";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet(Path, List)
            .Needs(ApiRole.Viewer, ApiScope.Path)
            .Describe("List the changes of a service's spec, newest first", QueryNames.Watch)
            .Produces<ItemList<ServiceRevision>>();
        api.MapGet(Path + "/{revision}", Get)
            .Needs(ApiRole.Viewer, ApiScope.Path)
            .Describe("Read a service's spec as it was at a revision", QueryNames.Watch)
            .Produces<ServiceRevision>();
        api.MapPost("/v1/services/{namespace}/{name}/rollback", RollBack)
            .Needs(ApiRole.Editor, ApiScope.Path)
            .Describe("Make the spec of an earlier revision the newest one, also that of a deleted service", QueryNames.DryRun)
            .TakesPreconditions()
            .Accepts<RollbackBody>("application/json")
            .Produces<ServiceDocument>()
            .Produces<ServiceDocument>(StatusCodes.Status201Created);
    }

    private static Task<IResult> List(HttpContext context, ControlPlane controlPlane, ResourceReader reader)
    {
        var service = context.Request.Service();
        return reader.Answer(
            context,
            async () => await controlPlane.Service(service).GetRevisions() is { Count: > 0 } revisions
                ? Representation.OfContent(new ItemList<ServiceRevision>(revisions))
                : null,
            WatchScope.Of(service),
            Missing.Service(service));
    }

    private static Task<IResult> Get(HttpContext context, ControlPlane controlPlane, ResourceReader reader)
    {
        var service = context.Request.Service();
        var revision = context.Request.Revision();
        return reader.Answer(
            context,
            async () => await controlPlane.Service(service).GetRevision(revision) is { } found ? Representation.Of(found, revision) : null,
            WatchScope.Of(service),
            Missing.Revision(service, revision));
    }

    private static async Task<IResult> RollBack(HttpContext context, ControlPlane controlPlane, SpecReview review, ServiceWriter writer)
    {
        var service = context.Request.Service();
        var body = await SpecBody.ReadRollback(context);
        var spec = await FindSpec(controlPlane, context, body.Revision);
        await review.RefuseTakenHosts(service, spec);
        var warnings = await review.Warn(service, spec);
        var result = await writer.Write(context, service, new Rollback(body.Revision), Missing.Revision(service, body.Revision));
        var representation = ServiceDocument.Represent(result.Service!, warnings);
        return result.Created
            ? new RepresentationResult(representation, StatusCodes.Status201Created, $"/v1/services/{service}")
            : new RepresentationResult(representation);
    }

    /// <summary>The spec to go back to, which must be valid by the rules of today.</summary>
    private static async Task<ServiceSpec> FindSpec(ControlPlane controlPlane, HttpContext context, long revision)
    {
        var service = context.Request.Service();
        var found = await controlPlane.Service(service).GetRevision(revision)
            ?? throw ApiException.NotFound(Missing.Revision(service, revision));
        if (found.Spec is null)
        {
            throw ApiException.Invalid([new SpecError("$.revision", $"revision {revision} is a deletion; to delete the service, use DELETE")]);
        }

        return SpecValidator.Check(found.Spec) is { Count: > 0 } errors ? throw ApiException.Invalid(errors) : found.Spec;
    }
}
