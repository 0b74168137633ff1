using System.Net;
using Mesh.Abstractions.Proxies;
using Orleans.Messaging;

namespace Mesh.Proxy.ControlPlane;

/// <summary>Feeds the Orleans client with gateways from the management API, so that a proxy needs no Redis and no password of it.</summary>
internal sealed class GatewayListProvider(GatewayDirectory directory, string proxyId) : IGatewayListProvider
{
    /// <summary>How old the list may be; also how long a gateway that failed stays out of it.</summary>
    public TimeSpan MaxStaleness => TimeSpan.FromSeconds(5);

    public bool IsUpdatable => true;

    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    public async Task<IList<Uri>> GetGateways()
    {
        var list = await directory.Refresh(CancellationToken.None);
        return list is null ? [] : [.. GatewaySelection.For(proxyId, list.Gateways).Select(ToUri)];
    }

    private static Uri ToUri(GatewayEndpoint gateway) =>
        SiloAddress.New(IPEndPoint.Parse(gateway.Address), gateway.Generation).ToGatewayUri();
}
