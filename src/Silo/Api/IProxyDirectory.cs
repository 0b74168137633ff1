using Mesh.Abstractions.Explain;
using Mesh.Abstractions.Proxies;

namespace Mesh.Silo.Api;

/// <summary>The proxies connected to any silo of the region, and those that went away recently.</summary>
internal interface IProxyDirectory
{
    /// <returns>In the order of their ids.</returns>
    Task<IReadOnlyList<ProxyView>> List(CancellationToken cancellationToken);

    /// <returns>Null when no such proxy is known.</returns>
    Task<ProxyView?> Find(string proxyId, CancellationToken cancellationToken);

    /// <summary>Asks a proxy how it would decide a request now.</summary>
    /// <returns>Null when it is not connected, or did not answer.</returns>
    Task<Explanation?> Explain(string proxyId, ExplainRequest request);
}
