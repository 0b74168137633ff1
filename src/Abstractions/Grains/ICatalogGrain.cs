using Mesh.Abstractions.Catalog;
using Mesh.Abstractions.Naming;
using Orleans.Concurrency;

namespace Mesh.Abstractions.Grains;

/// <summary>Which services and host aliases exist in the region. One activation, key <see cref="Key"/>.</summary>
[Alias("mesh.ICatalogGrain")]
public interface ICatalogGrain : IGrainWithStringKey
{
    const string Key = "catalog";

    /// <summary>Finds the service an authority's host names: by its own name first, then by an alias.</summary>
    [AlwaysInterleave, Alias("Resolve"), ResponseTimeout(ControlPlaneTimeouts.Call)]
    Task<ResolvedAuthority> Resolve(string callerNamespace, string host);

    /// <summary>The services, in the order of their names; of one namespace when it is given.</summary>
    [AlwaysInterleave, Alias("List"), ResponseTimeout(ControlPlaneTimeouts.Call)]
    Task<IReadOnlyList<CatalogEntry>> List(string? serviceNamespace);

    /// <summary>Those of <paramref name="services"/> that do not exist.</summary>
    [AlwaysInterleave, Alias("FindMissing"), ResponseTimeout(ControlPlaneTimeouts.Call)]
    Task<IReadOnlyList<ServiceName>> FindMissing(IReadOnlyList<ServiceName> services);

    /// <summary>
    /// Those of <paramref name="services"/> that do not exist and, as far as is known, never did. A deleted service is
    /// not among them: its grain says so itself, and a proxy forgets a service only when told by its owner.
    /// </summary>
    [AlwaysInterleave, Alias("FindNeverSeen"), ResponseTimeout(ControlPlaneTimeouts.Call)]
    Task<IReadOnlyList<ServiceName>> FindNeverSeen(IReadOnlyList<ServiceName> services);

    /// <summary>The owners of those of <paramref name="hosts"/> that another service than <paramref name="service"/> has.</summary>
    [AlwaysInterleave, Alias("FindHostOwners"), ResponseTimeout(ControlPlaneTimeouts.Call)]
    Task<IReadOnlyDictionary<string, ServiceName>> FindHostOwners(ServiceName service, IReadOnlyList<string> hosts);

    /// <summary>A service grain tells of its change; the change log makes up for a call that gets lost.</summary>
    [Alias("Update"), ResponseTimeout(ControlPlaneTimeouts.Call)]
    Task Update(CatalogEntry entry);
}
