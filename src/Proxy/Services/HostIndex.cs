using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Mesh.Abstractions.Naming;

namespace Mesh.Proxy.Services;

/// <summary>
/// From hosts to services, without regard to case. Look-ups take no lock and allocate nothing; changes come from
/// <see cref="ServiceTable"/>, one at a time.
/// </summary>
internal sealed class HostIndex
{
    private readonly string _ownNamespace;
    private readonly ConcurrentDictionary<string, ServiceState> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, ServiceState> _aliases = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, ServiceState>.AlternateLookup<ReadOnlySpan<char>> _namesBySpan;
    private readonly ConcurrentDictionary<string, ServiceState>.AlternateLookup<ReadOnlySpan<char>> _aliasesBySpan;

    /// <param name="ownNamespace">The namespace in which a host of one label is looked for.</param>
    public HostIndex(string ownNamespace)
    {
        _ownNamespace = ownNamespace;
        _namesBySpan = _names.GetAlternateLookup<ReadOnlySpan<char>>();
        _aliasesBySpan = _aliases.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>
    /// Finds by the service's own name first (<see cref="Authority.TryGetService"/> has the forms), then by alias. A
    /// name that stands for a service which does not exist gives way to an alias.
    /// </summary>
    public bool TryFind(ReadOnlySpan<char> host, [MaybeNullWhen(false)] out ServiceState service)
    {
        if (_namesBySpan.TryGetValue(WithoutClusterDomain(host), out var named) && named.Model is { IsDeleted: false })
        {
            service = named;
            return true;
        }

        if (_aliasesBySpan.TryGetValue(host, out service))
        {
            return true;
        }

        service = named;
        return service is not null;
    }

    public void AddName(ServiceState service)
    {
        _names[service.Host] = service;
        if (service.Name.Namespace == _ownNamespace)
        {
            _names[service.Name.Name] = service;
        }
    }

    /// <summary>Takes the names of a service away that <see cref="AddName"/> gave it.</summary>
    public void RemoveName(ServiceState service)
    {
        _names.TryRemove(new(service.Host, service));
        _names.TryRemove(new(service.Name.Name, service));
    }

    /// <summary>
    /// Sets who has an alias: of several services that list it, which only two regions' concurrent writes can bring
    /// about, the first by name, so that every proxy decides alike.
    /// </summary>
    public void SetAlias(string host, IEnumerable<ServiceState> services)
    {
        var owner = services.Where(service => Lists(service, host)).MinBy(static service => service.Name);
        if (owner is null)
        {
            _aliases.TryRemove(host, out _);
        }
        else
        {
            _aliases[host] = owner;
        }
    }

    private static bool Lists(ServiceState service, string host) =>
        service.Model?.Spec?.Hosts.Contains(host, StringComparer.OrdinalIgnoreCase) == true;

    /// <summary><c>web.shop</c> of <c>web.shop.svc</c> and <c>web.shop.svc.cluster.local</c>; else the host itself.</summary>
    private static ReadOnlySpan<char> WithoutClusterDomain(ReadOnlySpan<char> host)
    {
        var first = host.IndexOf('.');
        var second = first < 0 ? -1 : host[(first + 1)..].IndexOf('.');
        if (second < 0)
        {
            return host;
        }

        second += first + 1;
        var rest = host[(second + 1)..];
        return rest.StartsWith("svc", StringComparison.OrdinalIgnoreCase) && (rest.Length == 3 || rest[3] == '.')
            ? host[..second]
            : host;
    }
}
