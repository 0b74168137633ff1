using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.Forwarding;

/// <summary>
/// One HTTP client for every connection policy in use, since a client's limits hold for all of its connections. Those
/// that no service needs any longer are closed; what they still carry comes to its end.
/// </summary>
internal sealed class UpstreamClients(UpstreamClient standard, TimeProvider time, MeshDialer? dialer = null) : IDisposable
{
    /// <summary>Longer than any request can take from reading its service's model to its last try.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<ConnectionPolicy, Entry> _clients = [];

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _clients.Count;
            }
        }
    }

    /// <summary>The client for a policy; the standard one for a policy that says nothing.</summary>
    public UpstreamClient For(ConnectionPolicy? policy)
    {
        if (policy is null || policy == new ConnectionPolicy())
        {
            return standard;
        }

        lock (_lock)
        {
            if (!_clients.TryGetValue(policy, out var entry))
            {
                _clients[policy] = entry = new Entry(new UpstreamClient(policy, dialer));
            }

            entry.NeededAt = time.GetTimestamp();
            return entry.Client;
        }
    }

    /// <summary>Closes the clients that none of the services has needed for a while.</summary>
    public void CloseUnused(IEnumerable<ServiceState> services)
    {
        var needed = services.Select(static service => service.Model?.Spec?.Traffic.Connections).OfType<ConnectionPolicy>().ToHashSet();
        var now = time.GetTimestamp();
        lock (_lock)
        {
            foreach (var (policy, entry) in _clients.ToArray())
            {
                if (needed.Contains(policy))
                {
                    entry.NeededAt = now;
                }
                else if (time.GetElapsedTime(entry.NeededAt, now) > Grace)
                {
                    _clients.Remove(policy);
                    entry.Client.Dispose();
                }
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var entry in _clients.Values)
            {
                entry.Client.Dispose();
            }

            _clients.Clear();
        }
    }

    private sealed class Entry(UpstreamClient client)
    {
        public UpstreamClient Client { get; } = client;

        /// <summary>The timestamp at which a service was last known to need it.</summary>
        public long NeededAt { get; set; }
    }
}
