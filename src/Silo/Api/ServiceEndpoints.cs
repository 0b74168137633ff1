using Mesh.Abstractions.Access;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Writes;
using Mesh.Silo.Api.Access;
using Mesh.Silo.Api.OpenApi;
using Mesh.Silo.Api.Requests;
using Mesh.Silo.Api.Responses;
using Mesh.Silo.Api.Watching;
using Mesh.Silo.Api.Writes;

namespace Mesh.Silo.Api;

/// <summary>Services: their specs as a whole.</summary>
internal static class ServiceEndpoints
{
    private const string Path = "/v1/services/{namespace}/{name}";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/v1/services", List)
            .Needs(ApiRole.Viewer, ApiScope.Somewhere)
            .Describe("List the services", QueryNames.Namespace, QueryNames.Watch)
            .Produces<ItemList<ServiceListItem>>();
        api.MapGet(Path, Get)
            .Needs(ApiRole.Viewer, ApiScope.Path)
            .Describe("Read a service", QueryNames.Watch)
            .Produces<ServiceDocument>();
        api.MapPut(Path, Put)
            .Needs(ApiRole.Editor, ApiScope.Path)
            .Describe("Create a service or replace its spec", QueryNames.DryRun)
            .TakesPreconditions()
            .Accepts<ServiceSpec>("application/json")
            .Produces<ServiceDocument>()
            .Produces<ServiceDocument>(StatusCodes.Status201Created);
        api.MapDelete(Path, Delete)
            .Needs(ApiRole.Editor, ApiScope.Path)
            .Describe("Delete a service with its endpoints; its revisions stay", QueryNames.DryRun)
            .TakesPreconditions()
            .Produces(StatusCodes.Status204NoContent);
    }

    private static Task<IResult> List(HttpContext context, ControlPlane controlPlane, ResourceReader reader)
    {
        var serviceNamespace = (string?)context.Request.Query[QueryNames.Namespace];
        var principal = context.Principal();
        return reader.Answer(
            context,
            async () => Representation.OfContent(new ItemList<ServiceListItem>(
                [.. (await controlPlane.Catalog.List(serviceNamespace))
                    .Where(entry => principal.May(ApiRole.Viewer, entry.Service.Namespace))
                    .Select(ServiceListItem.Of)])),
            WatchScope.Services,
            "");
    }

    private static Task<IResult> Get(HttpContext context, ControlPlane controlPlane, SpecReview review, ResourceReader reader)
    {
        var service = context.Request.Service();
        return reader.Answer(
            context,
            async () => await controlPlane.Service(service).Get() is { } view
                ? ServiceDocument.Represent(view, await review.FindMergeProblems(service, view.Spec))
                : null,
            WatchScope.Of(service),
            Missing.Service(service));
    }

    private static async Task<IResult> Put(HttpContext context, SpecReview review, ServiceWriter writer)
    {
        var service = context.Request.Service();
        var spec = await SpecBody.ReadService(context, service);
        await review.RefuseTakenHosts(service, spec);
        var warnings = await review.Warn(service, spec);
        var result = await writer.Write(context, service, new PutSpec(spec), Missing.Service(service));
        return Written.Answer(context, ServiceDocument.Represent(result.Service!, warnings), result);
    }

    private static async Task<IResult> Delete(HttpContext context, ServiceWriter writer)
    {
        var service = context.Request.Service();
        await writer.Write(context, service, new DeleteService(), Missing.Service(service));
        return TypedResults.NoContent();
    }
}
