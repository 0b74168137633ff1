using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Proxies;

namespace Mesh.Grains.Push;

/// <summary>A proxy that is, or lately was, connected to this silo.</summary>
internal sealed class ProxySession(ProxyInfo proxy, IProxyObserver observer, DateTimeOffset now)
{
    public ProxyInfo Proxy { get; set; } = proxy;

    /// <summary>Where pushes go; a proxy that restarted brings a new one.</summary>
    public IProxyObserver Observer { get; set; } = observer;

    public DateTimeOffset LastSeenAt { get; set; } = now;

    public bool IsConnected { get; set; } = true;

    public Dictionary<ServiceName, ProxySubscription> Subscriptions { get; } = [];
}
