using Mesh.Abstractions.Explain;
using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Proxies;
using Mesh.Abstractions.Snapshots;
using Orleans.Services;

namespace Mesh.Grains.Push;

/// <summary>
/// One per silo: holds the snapshots its proxies use and passes changes on to them. Service grains see a handful of
/// hubs instead of thousands of proxies, and a snapshot crosses the network once per silo.
/// </summary>
[Alias("mesh.IPushHub")]
public interface IPushHub : IGrainService
{
    /// <summary>A service grain's news.</summary>
    /// <returns>False when no proxy here uses the service; the grain then stops sending until the hub watches it again.</returns>
    [Alias("Publish"), ResponseTimeout(ControlPlaneTimeouts.Call)]
    Task<bool> Publish(EncodedSnapshot snapshot);

    /// <inheritdoc cref="IProxyGatewayGrain.Renew"/>
    [Alias("Renew"), ResponseTimeout(ControlPlaneTimeouts.Call)]
    Task<RenewReply> Renew(RenewRequest request, IProxyObserver observer);

    [Alias("Leave"), ResponseTimeout(ControlPlaneTimeouts.Call)]
    Task Leave(string proxyId);

    /// <summary>The proxies connected to this silo, and those that were within the last ten minutes.</summary>
    [Alias("ListProxies"), ResponseTimeout(ControlPlaneTimeouts.Call)]
    Task<IReadOnlyList<ProxyView>> ListProxies();

    /// <summary>Asks a proxy how it would decide a request now.</summary>
    /// <returns>Null when the proxy is not connected to this silo.</returns>
    [Alias("Explain"), ResponseTimeout(ControlPlaneTimeouts.Call)]
    Task<Explanation?> Explain(string proxyId, ExplainRequest request);

    /// <summary>Where proxies connect to this silo.</summary>
    [Alias("Describe"), ResponseTimeout(ControlPlaneTimeouts.Call)]
    Task<GatewayAddress> Describe();
}
