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

/// <summary>What holds for all services of a namespace. Its revisions are those of <c>/v1/services/{namespace}/namespace-settings</c>.</summary>
internal static class NamespaceEndpoints
{
    private const string Path = "/v1/namespaces/{namespace}";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet(Path, Get)
            .Needs(ApiRole.Viewer, ApiScope.Path)
            .Describe("Read a namespace's settings", QueryNames.Watch)
            .Produces<NamespaceSettings>();
        api.MapPut(Path, Put)
            .Needs(ApiRole.Admin, ApiScope.Path)
            .Describe("Replace a namespace's settings", QueryNames.DryRun)
            .TakesPreconditions()
            .Accepts<NamespaceSettings>("application/json")
            .Produces<NamespaceSettings>()
            .Produces<NamespaceSettings>(StatusCodes.Status201Created);
        api.MapDelete(Path, Delete)
            .Needs(ApiRole.Admin, ApiScope.Path)
            .Describe("Put a namespace back to the default settings", QueryNames.DryRun)
            .TakesPreconditions()
            .Produces(StatusCodes.Status204NoContent);
    }

    private static Task<IResult> Get(HttpContext context, ControlPlane controlPlane, ResourceReader reader)
    {
        var record = NamespaceSettings.Of(context.Request.Namespace());
        return reader.Answer(
            context,
            async () => await controlPlane.Service(record).Get() is { Spec.NamespaceSettings: { } settings } view
                ? Representation.Of(settings, view.SpecRevision)
                : null,
            WatchScope.Of(record),
            Missing.Namespace(record.Namespace));
    }

    private static async Task<IResult> Put(HttpContext context, ServiceWriter writer)
    {
        var record = NamespaceSettings.Of(context.Request.Namespace());
        var settings = await SpecBody.ReadNamespace(context);
        var command = new PutSpec(new ServiceSpec { NamespaceSettings = settings });
        var result = await writer.Write(context, record, command, Missing.Namespace(record.Namespace));
        return Written.Answer(context, Representation.Of(settings, result.ResourceRevision), result);
    }

    private static async Task<IResult> Delete(HttpContext context, ServiceWriter writer)
    {
        var record = NamespaceSettings.Of(context.Request.Namespace());
        await writer.Write(context, record, new DeleteService(), Missing.Namespace(record.Namespace));
        return TypedResults.NoContent();
    }
}
