using Mesh.Abstractions.Explain;
using Mesh.Abstractions.Proxies;
using Mesh.Silo.Api;

namespace Mesh.Silo.Cluster;

/// <summary>
/// The proxies of all silos. The hubs are the registry: each knows its own from their renewals, so nothing has to be
/// written, kept in step or cleaned up.
/// </summary>
internal sealed class ProxyDirectory(HubDirectory hubs) : IProxyDirectory
{
    public async Task<IReadOnlyList<ProxyView>> List(CancellationToken cancellationToken)
    {
        var lists = await hubs.Ask(static async hub => await hub.ListProxies());

        // A proxy that changed its gateway is known to both silos for a while; the one it talks to has seen it last.
        return [.. lists
            .SelectMany(static proxies => proxies)
            .GroupBy(static proxy => proxy.Proxy.Id, StringComparer.Ordinal)
            .Select(static views => views.MaxBy(static view => view.LastSeenAt)!)
            .OrderBy(static proxy => proxy.Proxy.Id, StringComparer.Ordinal)];
    }

    public async Task<ProxyView?> Find(string proxyId, CancellationToken cancellationToken) =>
        (await List(cancellationToken)).FirstOrDefault(proxy => proxy.Proxy.Id == proxyId);

    public async Task<Explanation?> Explain(string proxyId, ExplainRequest request) =>
        await hubs.Ask(hub => hub.Explain(proxyId, request)) is [var answer, ..] ? answer : null;
}
