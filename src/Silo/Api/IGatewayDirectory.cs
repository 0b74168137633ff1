using Mesh.Abstractions.Proxies;

namespace Mesh.Silo.Api;

/// <summary>Where proxies, as Orleans clients, reach the silos that live.</summary>
internal interface IGatewayDirectory
{
    GatewayList Current { get; }
}
