using System.Net;

namespace Mesh.Grains.Security.Gateway;

/// <summary>
/// Which silos a client's message may be for. Orleans sends what is for a system target to the address that the message
/// gives, whatever it is: unchecked, a client could make silos connect to any address.
/// </summary>
internal sealed class GatewaySilos(ILocalSiloDetails own, IClusterMembershipService membership)
{
    public bool Contains(SiloAddress? silo) =>
        silo is not null && (membership.CurrentSnapshot.Members.ContainsKey(silo) || IsOwnGateway(silo.Endpoint));

    /// <summary>Clients call a silo by the address of its gateway, or by that they reached it at.</summary>
    private bool IsOwnGateway(IPEndPoint endpoint) =>
        own.GatewayAddress is { } gateway
        && endpoint.Port == gateway.Endpoint.Port
        && (endpoint.Address.Equals(gateway.Endpoint.Address) || IPAddress.IsLoopback(endpoint.Address));
}
