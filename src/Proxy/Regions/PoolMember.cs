using Mesh.Abstractions.Endpoints;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Regions;

/// <summary>What a proxy may send a service's requests to.</summary>
/// <param name="Endpoint">An instance of the service, or a gateway in the place of its region's instances.</param>
internal readonly record struct PoolMember(Endpoint Endpoint, bool IsGateway)
{
    /// <summary>Whether new requests may go there.</summary>
    public static bool IsSelectable(Endpoint endpoint) => endpoint is { State: EndpointState.Ready, Weight: > 0 };
}
