using Mesh.Silo.Api.Requests;

namespace Mesh.Silo.Api.OpenApi;

internal static class EndpointDescriptions
{
    /// <summary>Says what an endpoint does and which query parameters it takes; it refuses all others.</summary>
    public static RouteHandlerBuilder Describe(this RouteHandlerBuilder endpoint, string summary, params string[] query) =>
        endpoint.WithSummary(summary).WithMetadata(new QueryParameters(query));

    /// <summary>Says that it obeys conditional headers.</summary>
    public static RouteHandlerBuilder TakesPreconditions(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(new TakesPreconditions());
}
