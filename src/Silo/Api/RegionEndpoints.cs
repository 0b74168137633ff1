using Mesh.Abstractions.Access;
using Mesh.Abstractions.Regions;
using Mesh.Silo.Api.Access;
using Mesh.Silo.Api.OpenApi;
using Mesh.Silo.Api.Requests;
using Mesh.Silo.Api.Responses;
using Mesh.Silo.Api.Watching;

namespace Mesh.Silo.Api;

/// <summary>How the links to the peer regions do.</summary>
internal static class RegionEndpoints
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/v1/regions", List)
        .Needs(ApiRole.Viewer, ApiScope.Somewhere)
        .Describe("List the links to peer regions: state, lag, clock skew, last error", QueryNames.Watch)
        .Produces<ItemList<RegionLinkView>>();

    private static Task<IResult> List(HttpContext context, IRegionDirectory regions, ResourceReader reader) => reader.Answer(
        context,
        async () => Representation.OfContent(new ItemList<RegionLinkView>(await regions.List())),
        WatchScope.Polled,
        "");
}
