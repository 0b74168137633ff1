using Mesh.Abstractions.Proxies;
using Mesh.Silo.Api.Access;
using Mesh.Silo.Api.OpenApi;
using Mesh.Silo.Api.Requests;
using Mesh.Silo.Api.Responses;
using Mesh.Silo.Api.Watching;

namespace Mesh.Silo.Api;

/// <summary>Where proxies connect.</summary>
internal static class GatewayEndpoints
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/v1/gateways", Get)
        .IsOpen()
        .Describe("List the gateways of the silos that live, for proxies", QueryNames.Watch)
        .Produces<GatewayList>();

    private static Task<IResult> Get(HttpContext context, IGatewayDirectory gateways, ResourceReader reader) => reader.Answer(
        context,
        () => Task.FromResult<Representation?>(Representation.OfContent(gateways.Current)),
        WatchScope.Polled,
        "");
}
