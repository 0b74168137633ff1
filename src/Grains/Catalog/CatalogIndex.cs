using Mesh.Abstractions.Catalog;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;

namespace Mesh.Grains.Catalog;

/// <summary>The services by their names and by their aliases, in memory.</summary>
internal sealed class CatalogIndex
{
    private readonly SortedDictionary<ServiceName, CatalogEntry> _entries = [];

    /// <summary>The owners of each alias. Two can only race for one; the first in the order of names then has it, everywhere.</summary>
    private readonly Dictionary<string, SortedSet<ServiceName>> _aliases = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The highest revision seen of services that are gone, so that late news of them does not bring them back.</summary>
    private readonly Dictionary<ServiceName, long> _deleted = [];

    /// <returns>False when the index knew of it already.</returns>
    public bool Apply(CatalogEntry entry)
    {
        if (entry.Revision <= RevisionOf(entry.Service))
        {
            return false;
        }

        Remove(entry.Service);
        if (entry.Deleted)
        {
            _deleted[entry.Service] = entry.Revision;
            return true;
        }

        _deleted.Remove(entry.Service);
        _entries[entry.Service] = entry;
        foreach (var host in entry.Hosts)
        {
            if (!_aliases.TryGetValue(host, out var owners))
            {
                owners = [];
                _aliases.Add(host, owners);
            }

            owners.Add(entry.Service);
        }

        return true;
    }

    public void Clear()
    {
        _entries.Clear();
        _aliases.Clear();
        _deleted.Clear();
    }

    /// <summary>How many services exist.</summary>
    public int Count => _entries.Count;

    public bool Contains(ServiceName service) => _entries.ContainsKey(service);

    /// <summary>Whether a service of that name exists or did: its grain can tell which.</summary>
    public bool Knows(ServiceName service) => Contains(service) || _deleted.ContainsKey(service);

    /// <summary>Without the records of namespaces' settings: they are no services.</summary>
    public IEnumerable<CatalogEntry> List(string? serviceNamespace) => _entries.Values.Where(entry =>
        (serviceNamespace is null || entry.Service.Namespace == serviceNamespace) && !NamespaceSettings.IsRecord(entry.Service));

    /// <summary>A service's own name goes before any alias, so that no alias can take a service's calls away.</summary>
    public ServiceName? Resolve(string callerNamespace, string host) =>
        Authority.TryGetService(host, callerNamespace, out var service) && Contains(service) && !NamespaceSettings.IsRecord(service)
            ? service
            : OwnerOf(host);

    public ServiceName? OwnerOf(string host) => _aliases.TryGetValue(host, out var owners) ? owners.Min : null;

    private long RevisionOf(ServiceName service) =>
        _entries.TryGetValue(service, out var entry) ? entry.Revision : _deleted.GetValueOrDefault(service);

    private void Remove(ServiceName service)
    {
        if (!_entries.Remove(service, out var entry))
        {
            return;
        }

        foreach (var host in entry.Hosts)
        {
            if (_aliases.TryGetValue(host, out var owners) && owners.Remove(service) && owners.Count == 0)
            {
                _aliases.Remove(host);
            }
        }
    }
}
