using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Routing;

namespace Mesh.Abstractions.Services;

/// <summary>The records a proxy needs besides a service's own to serve it.</summary>
public static class ServiceReferences
{
    /// <summary>The services that a rule sends requests or copies of them to.</summary>
    public static IEnumerable<ServiceName> OfRule(ServiceName owner, RouteRule rule) =>
        rule.BackendRefs.Select(backend => backend.Resolve(owner)).Concat(
            rule.Filters.Concat(rule.BackendRefs.SelectMany(static backend => backend.Filters))
                .Select(static filter => filter.RequestMirror)
                .OfType<RequestMirror>()
                .Select(mirror => mirror.BackendRef.Resolve(owner)));

    /// <summary>The other services of all rules, and the settings of the namespace; each once.</summary>
    public static IEnumerable<ServiceName> Of(ServiceName owner, ServiceSpec spec) => spec.Routes
        .SelectMany(rule => OfRule(owner, rule))
        .Append(NamespaceSettings.Of(owner.Namespace))
        .Where(service => service != owner)
        .Distinct();
}
