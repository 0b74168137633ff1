using Mesh.Abstractions.Access;
using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Writes;
using Mesh.Grains;
using Mesh.Silo.Api.Access;
using Mesh.Silo.Api.OpenApi;
using Mesh.Silo.Api.Requests;
using Mesh.Silo.Api.Responses;
using Mesh.Silo.Api.Watching;
using Mesh.Silo.Api.Writes;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Silo.Api;

/// <summary>The endpoints of a service. The list has every region's; single ones are those of this region.</summary>
internal static class EndpointEndpoints
{
    private const string Path = "/v1/services/{namespace}/{name}/endpoints";
    private const string OnePath = Path + "/{id}";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet(Path, List)
            .Needs(ApiRole.Viewer, ApiScope.Path)
            .Describe("List a service's endpoints", QueryNames.Watch)
            .Produces<EndpointList>();
        api.MapGet(OnePath, Get)
            .Needs(ApiRole.Viewer, ApiScope.Path)
            .Describe("Read an endpoint", QueryNames.Watch)
            .Produces<Endpoint>();
        api.MapPut(OnePath, Put)
            .Needs(ApiRole.Editor, ApiScope.Path)
            .Describe("Add or replace an endpoint", QueryNames.DryRun)
            .TakesPreconditions()
            .Accepts<EndpointSpec>("application/json")
            .Produces<Endpoint>()
            .Produces<Endpoint>(StatusCodes.Status201Created);
        api.MapDelete(OnePath, Delete)
            .Needs(ApiRole.Editor, ApiScope.Path)
            .Describe("Remove an endpoint; one that a sidecar registered comes back with its next renewal", QueryNames.DryRun)
            .TakesPreconditions()
            .Produces(StatusCodes.Status204NoContent);
        api.MapPost(OnePath + "/drain", Drain)
            .Needs(ApiRole.Editor, ApiScope.Path)
            .Describe("Let an endpoint finish what it has and send it nothing new", QueryNames.DryRun)
            .TakesPreconditions()
            .Produces<Endpoint>();
    }

    private static Task<IResult> List(HttpContext context, ControlPlane controlPlane, ResourceReader reader)
    {
        var service = context.Request.Service();
        return reader.Answer(
            context,
            async () => await controlPlane.Service(service).Get() is { } view
                ? Representation.Of(
                    new EndpointList(view.Endpoints, view.PreservedEndpoints is { Count: > 0 } preserved ? preserved : null),
                    view.Revision)
                : null,
            WatchScope.Of(service),
            Missing.Service(service));
    }

    private static Task<IResult> Get(HttpContext context, ControlPlane controlPlane, ResourceReader reader, MeshRegion region)
    {
        var service = context.Request.Service();
        var id = context.Request.EndpointId();
        return reader.Answer(
            context,
            async () => Find(await controlPlane.Service(service).Get(), region, id) is { } endpoint ? Represent(endpoint) : null,
            WatchScope.Of(service),
            Missing.Endpoint(service, id));
    }

    private static async Task<IResult> Put(HttpContext context, ServiceWriter writer, MeshRegion region)
    {
        var endpoint = await SpecBody.ReadEndpoint(context, context.Request.EndpointId());
        return await Write(context, writer, region, new PutEndpoint(context.Request.EndpointId(), endpoint, EndpointSource.Api));
    }

    private static Task<IResult> Drain(HttpContext context, ServiceWriter writer, MeshRegion region) =>
        Write(context, writer, region, new DrainEndpoint(context.Request.EndpointId()));

    private static async Task<IResult> Delete(HttpContext context, ServiceWriter writer)
    {
        var service = context.Request.Service();
        var id = context.Request.EndpointId();
        await writer.Write(context, service, new RemoveEndpoints([id]), Missing.Endpoint(service, id));
        return TypedResults.NoContent();
    }

    private static async Task<IResult> Write(HttpContext context, ServiceWriter writer, MeshRegion region, ServiceCommand command)
    {
        var service = context.Request.Service();
        var id = context.Request.EndpointId();
        var result = await writer.Write(context, service, command, Missing.Endpoint(service, id));
        return Written.Answer(context, Represent(Find(result.Service, region, id)!), result);
    }

    private static Representation Represent(Endpoint endpoint) => Representation.Of(endpoint, endpoint.Revision);

    private static Endpoint? Find(ServiceView? service, MeshRegion region, string id) =>
        service?.Endpoints.FirstOrDefault(endpoint => endpoint.Id == id && endpoint.Region == region.Name);
}
