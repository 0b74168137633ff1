using Mesh.Grains.Storage;
using Mesh.Silo.Api.Access;
using Mesh.Silo.Api.OpenApi;
using Mesh.Silo.Api.Problems;
using Mesh.Silo.Api.Responses;

namespace Mesh.Silo.Api;

/// <summary>For those who start, stop and watch over silos.</summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/healthz", static () => new RepresentationResult(Representation.OfContent(new HealthDocument("ok"))))
            .IsOpen()
            .Describe("Whether the process is alive")
            .Produces<HealthDocument>();
        api.MapGet("/readyz", IsReady)
            .IsOpen()
            .Describe("Whether the silo is part of its cluster and its store answers")
            .Produces<HealthDocument>();
    }

    private static async Task<IResult> IsReady(HttpContext context, ISiloStatus silo, IServiceStore store)
    {
        if (!silo.IsActive)
        {
            throw ApiException.Unavailable("The silo is not, or no longer, part of its cluster.");
        }

        await store.Ping();
        return new RepresentationResult(Representation.OfContent(new HealthDocument("ready")));
    }
}
