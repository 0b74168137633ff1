using System.Collections.Concurrent;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Validation;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.ControlPlane;

/// <summary>
/// Which services are kept fresh: those that are called here, what their rules refer to, those of the warm-up list, and
/// the one whose own calls are let in here.
/// </summary>
internal sealed class WantedServices(ServiceTable table, IEnumerable<ServiceName> warmUp, TimeProvider time, ServiceName? own = null)
{
    /// <summary>A service nobody has called for this long is no longer kept fresh; its last snapshot stays.</summary>
    public static readonly TimeSpan IdleTimeout = TimeSpan.FromMinutes(10);

    /// <summary>How long a service that was fetched for a rule is kept until the rule applies and refers to it.</summary>
    public static readonly TimeSpan FetchedValidity = TimeSpan.FromSeconds(10);

    private readonly HashSet<ServiceName> _warmUp = [.. warmUp];
    private readonly ConcurrentDictionary<ServiceName, bool> _called = new();
    private readonly ConcurrentDictionary<ServiceName, long> _fetchedAt = new();

    public IReadOnlySet<ServiceName> WarmUp => _warmUp;

    /// <summary>The service of the gateways, as soon as a region is reached through them.</summary>
    public IEnumerable<ServiceName> Gateways => table.Regions.Current.UsesGateways ? [ReservedNames.Gateways] : [];

    /// <summary>The record that says who may call here by default; null when nobody is called here.</summary>
    public ServiceName? OwnSettings { get; } = own is { } service ? NamespaceSettings.Of(service.Namespace) : null;

    public void AddCalled(ServiceName service) => _called[service] = true;

    public void AddFetched(ServiceName service) => _fetchedAt[service] = time.GetTimestamp();

    /// <summary>
    /// Whether requests come for it, from here or to here, as opposed to rules of other services that refer to it: what it
    /// refers to has to be known before it is used.
    /// </summary>
    public bool IsCalled(ServiceName service) => service == own || _warmUp.Contains(service) || _called.ContainsKey(service);

    /// <summary>All of them now. Forgets those that have been idle for long.</summary>
    public HashSet<ServiceName> Current()
    {
        var wanted = new HashSet<ServiceName>(_warmUp.Concat(Gateways));
        if (own is { } mine)
        {
            wanted.Add(mine);
        }

        foreach (var service in _called.Keys)
        {
            if (!IsIdle(service) || wanted.Contains(service))
            {
                wanted.Add(service);
            }
            else
            {
                _called.TryRemove(service, out _);
            }
        }

        foreach (var service in wanted.ToArray())
        {
            if (table.TryGet(service, out var state) && state.Model is { } model)
            {
                wanted.UnionWith(model.References);
            }
        }

        foreach (var (service, fetchedAt) in _fetchedAt)
        {
            if (time.GetElapsedTime(fetchedAt) < FetchedValidity)
            {
                wanted.Add(service);
            }
            else
            {
                _fetchedAt.TryRemove(service, out _);
            }
        }

        return wanted;
    }

    private bool IsIdle(ServiceName service) =>
        table.TryGet(service, out var state) && time.GetElapsedTime(state.LastUsed) > IdleTimeout;
}
