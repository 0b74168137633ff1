using System.IO.Hashing;
using System.Text;
using Mesh.Abstractions.Proxies;

namespace Mesh.Proxy.ControlPlane;

/// <summary>
/// Which gateways a proxy talks to: three, chosen by rendezvous hashing of the proxy's id, so that proxies spread
/// evenly over the silos, few connections are open, and a silo that comes or goes moves only its own share.
/// </summary>
internal static class GatewaySelection
{
    public const int Count = 3;

    public static IReadOnlyList<GatewayEndpoint> For(string proxyId, IReadOnlyList<GatewayEndpoint> gateways) =>
        [.. gateways.OrderBy(gateway => Score(proxyId, gateway.Address)).Take(Count)];

    private static ulong Score(string proxyId, string address) =>
        XxHash3.HashToUInt64(Encoding.UTF8.GetBytes($"{proxyId}|{address}"));
}
