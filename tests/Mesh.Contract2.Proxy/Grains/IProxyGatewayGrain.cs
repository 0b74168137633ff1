using Mesh.Abstractions.Catalog;
using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Proxies;
using Mesh.Abstractions.RateLimits;

namespace Mesh.Abstractions.Grains;

/// <summary>
/// The control plane as proxies see it. A stateless worker, so that it runs on the silo whose gateway the proxy is
/// connected to. Key: the proxy's id.
/// </summary>
[Alias("mesh.IProxyGatewayGrain")]
public interface IProxyGatewayGrain : IGrainWithStringKey
{
    /// <summary>Which service an authority's host names.</summary>
    [Alias("Resolve")]
    Task<ResolvedAuthority> Resolve(string callerNamespace, string host);

    /// <summary>
    /// Says which services the proxy uses and what it holds of each. From now on, until the renewals stop, it is
    /// pushed their changes.
    /// </summary>
    [Alias("Renew")]
    Task<RenewReply> Renew(RenewRequest request, IProxyObserver observer);

    /// <summary>The proxy is leaving; it is not missed.</summary>
    [Alias("Leave")]
    Task Leave(string proxyId);

    /// <summary>Registers the application's endpoint or renews its lease (15 s).</summary>
    /// <exception cref="StoreUnavailableException">A new or changed endpoint could not be stored.</exception>
    [Alias("Register")]
    Task Register(ServiceName service, string endpointId, EndpointSpec endpoint);

    /// <summary>Asks for a share of a service's rate limit, ahead of need.</summary>
    /// <returns>Null when there is no such service.</returns>
    [Alias("LeaseRate")]
    Task<RateShare?> LeaseRate(ServiceName service, RateDemand demand);

    /// <exception cref="StoreUnavailableException">The removal could not be stored; the lease will end it.</exception>
    [Alias("Deregister")]
    Task Deregister(ServiceName service, string endpointId);
}
