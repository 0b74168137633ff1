using System.Diagnostics.CodeAnalysis;
using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Proxies;

namespace Mesh.Grains.Push;

/// <summary>The proxies that are, or lately were, connected to this silo, by their ids. Not thread-safe: used from the hub's turns.</summary>
/// <param name="limit">How many are remembered.</param>
internal sealed class ProxySessions(int limit, TimeProvider time)
{
    private readonly Dictionary<string, ProxySession> _sessions = new(StringComparer.Ordinal);

    /// <summary>A copy.</summary>
    public IReadOnlyList<ProxySession> All => [.. _sessions.Values];

    public bool TryGet(string proxyId, [NotNullWhen(true)] out ProxySession? session) => _sessions.TryGetValue(proxyId, out session);

    public bool Remove(string proxyId, [NotNullWhen(true)] out ProxySession? session) => _sessions.Remove(proxyId, out session);

    /// <summary>The session of a proxy that has just been heard of.</summary>
    /// <param name="replaced">That of a process before it, which had the same id: what that one subscribed to is not its business.</param>
    /// <param name="isNew">There was none.</param>
    /// <exception cref="InvalidOperationException">There is no room.</exception>
    public ProxySession Touch(ProxyInfo proxy, IProxyObserver observer, out ProxySession? replaced, out bool isNew)
    {
        replaced = null;
        if (_sessions.TryGetValue(proxy.Id, out var session) && session.Proxy.StartedAt != proxy.StartedAt)
        {
            replaced = session;
            _sessions.Remove(proxy.Id);
            session = null;
        }

        isNew = session is null;
        if (session is null)
        {
            MakeRoom();
            session = new ProxySession(proxy, observer);
            _sessions.Add(proxy.Id, session);
        }

        session.Proxy = proxy;
        session.Observer = observer;
        session.LastSeenAt = time.GetUtcNow();
        session.LastSeen = time.GetTimestamp();
        session.IsConnected = true;
        return session;
    }

    /// <summary>Forgets the proxy that is gone for longest when there are too many to remember.</summary>
    private void MakeRoom()
    {
        if (_sessions.Count < limit)
        {
            return;
        }

        var gone = _sessions.Values.Where(static session => !session.IsConnected).MinBy(static session => session.LastSeen)
            ?? throw new InvalidOperationException($"This silo has {limit} proxies already; connect to another one.");
        _sessions.Remove(gone.Proxy.Id);
    }
}
