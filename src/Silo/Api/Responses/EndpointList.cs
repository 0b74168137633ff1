using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Silo.Api.Responses;

/// <param name="Preserved">Ids of endpoints whose lease ran out but that are kept, because more than half of the leases ran out at once.</param>
internal sealed record EndpointList(IReadOnlyList<Endpoint> Items, IReadOnlyList<string>? Preserved);
