using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Proxies;

namespace Mesh.Grains.Push;

/// <summary>A proxy that is, or lately was, connected to this silo.</summary>
internal sealed class ProxySession(ProxyInfo proxy, IProxyObserver observer)
{
    public ProxyInfo Proxy { get; set; } = proxy;

    /// <summary>Where pushes go; a proxy that restarted brings a new one.</summary>
    public IProxyObserver Observer { get; set; } = observer;

    /// <summary>When it last renewed, for administrators.</summary>
    public DateTimeOffset LastSeenAt { get; set; }

    /// <summary>The same as a timestamp, which no change of the clock moves.</summary>
    public long LastSeen { get; set; }

    public bool IsConnected { get; set; } = true;

    public Dictionary<ServiceName, ProxySubscription> Subscriptions { get; } = [];
}
