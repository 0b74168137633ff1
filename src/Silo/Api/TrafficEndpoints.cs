using Mesh.Abstractions.Access;
using Mesh.Abstractions.Traffic;
using Mesh.Abstractions.Writes;
using Mesh.Silo.Api.Access;
using Mesh.Silo.Api.OpenApi;
using Mesh.Silo.Api.Requests;
using Mesh.Silo.Api.Responses;
using Mesh.Silo.Api.Watching;
using Mesh.Silo.Api.Writes;

namespace Mesh.Silo.Api;

/// <summary>The traffic policy of a service.</summary>
internal static class TrafficEndpoints
{
    private const string Path = "/v1/services/{namespace}/{name}/traffic";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet(Path, Get)
            .Needs(ApiRole.Viewer, ApiScope.Path)
            .Describe("Read a service's traffic policy", QueryNames.Watch)
            .Produces<TrafficPolicy>();
        api.MapPut(Path, Put)
            .Needs(ApiRole.Editor, ApiScope.Path)
            .Describe("Replace a service's traffic policy", QueryNames.DryRun)
            .TakesPreconditions()
            .Accepts<TrafficPolicy>("application/json")
            .Produces<TrafficPolicy>();
    }

    private static Task<IResult> Get(HttpContext context, ControlPlane controlPlane, ResourceReader reader)
    {
        var service = context.Request.Service();
        return reader.Answer(
            context,
            async () => await controlPlane.Service(service).Get() is { } view
                ? Representation.Of(view.Spec.Traffic, view.SpecRevision)
                : null,
            WatchScope.Of(service),
            Missing.Service(service));
    }

    private static async Task<IResult> Put(HttpContext context, ServiceWriter writer)
    {
        var service = context.Request.Service();
        var traffic = await SpecBody.ReadTraffic(context);
        var result = await writer.Write(context, service, new PutTraffic(traffic), Missing.Service(service));
        return Written.Answer(context, Representation.Of(traffic, result.ResourceRevision), result);
    }
}
