using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Routing;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Filters;
using Mesh.Proxy.Routing;
using Mesh.Proxy.Telemetry;

namespace Mesh.Proxy.Services;

/// <summary>
/// Turns what the rules of one service say about where requests go, and what filters do on the way, into models. What
/// stays the same from one snapshot to the next keeps its counters: a backend of a rule with its labels, and a rule.
/// </summary>
internal sealed class BackendCompiler
{
    private readonly ServiceName _owner;
    private readonly Func<ServiceName, ServiceState> _service;
    private readonly Dictionary<(string Rule, ServiceName Backend, string Subset), RequestStats> _requests = [];
    private readonly Dictionary<string, FilterCounters> _filters = [];

    /// <param name="previous">The model it will replace.</param>
    /// <param name="service">The holder of a service that a rule refers to.</param>
    public BackendCompiler(ServiceName owner, ServiceModel? previous, Func<ServiceName, ServiceState> service)
    {
        _owner = owner;
        _service = service;
        foreach (var rule in previous?.Rules ?? [])
        {
            if (rule.FilterCounters is { } counters)
            {
                _filters.TryAdd(rule.Name, counters);
            }

            foreach (var used in rule.Backends)
            {
                _requests.TryAdd((rule.Name, used.Service.Name, used.Subset), used.Stats);
            }
        }
    }

    /// <returns>Null for a rule without filters.</returns>
    public FilterCounters? CountersOf(RouteRule rule)
    {
        if (rule.Filters.Count == 0 && rule.BackendRefs.All(static backend => backend.Filters.Count == 0))
        {
            return null;
        }

        if (!_filters.TryGetValue(rule.Name, out var counters))
        {
            _filters[rule.Name] = counters = new FilterCounters();
        }

        return counters;
    }

    /// <param name="filters">Of the rule, and after them those of the backend.</param>
    /// <exception cref="ArgumentException">A filter cannot be used.</exception>
    public RequestChanges? CompileChanges(RouteRule rule, IReadOnlyCollection<RouteFilter> filters) => filters.Count == 0
        ? null
        : RequestChanges.Create(filters, rule.Matches, mirror =>
        {
            var name = Checked(mirror.BackendRef.Resolve(_owner));
            return new MirrorTarget(mirror, _service(name), CountersOf(rule)!);
        });

    /// <summary>The backends of a rule: the service itself where it names none.</summary>
    /// <exception cref="ArgumentException">A backend or one of its filters cannot be used.</exception>
    public BackendModel[] Compile(RouteRule rule)
    {
        if (rule.BackendRefs.Count == 0)
        {
            return [Compile(rule, new BackendRef { Name = _owner.Name, Namespace = _owner.Namespace })];
        }

        return [.. rule.BackendRefs.Select(backend => Compile(rule, backend))];
    }

    private static ServiceName Checked(ServiceName name) => DnsLabel.IsValid(name.Namespace) && DnsLabel.IsValid(name.Name)
        ? name
        : throw new ArgumentException($"'{name}' is not the name of a service");

    private BackendModel Compile(RouteRule rule, BackendRef backend)
    {
        var name = Checked(backend.Resolve(_owner));
        if (backend.Weight < 0)
        {
            throw new ArgumentException($"the backend {name} has weight {backend.Weight}");
        }

        // The same subset twice in a rule shares its counters.
        var key = (rule.Name, name, backend.Subset);
        if (!_requests.TryGetValue(key, out var requests))
        {
            _requests[key] = requests = new RequestStats();
        }

        return new BackendModel(_service(name), backend.Weight, requests)
        {
            RequiredLabels = LabelSet.Create(backend.Labels),
            Subset = backend.Subset,
            Changes = backend.Filters.Count == 0 ? null : CompileChanges(rule, [.. rule.Filters, .. backend.Filters]),
        };
    }
}
