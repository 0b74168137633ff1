using System.Text.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Snapshots;

namespace Mesh.Proxy.ControlPlane;

/// <summary>The other services that a snapshot's rules send requests to.</summary>
internal static class ServiceReferences
{
    /// <returns>None for a snapshot that cannot be read; whoever applies it reports that.</returns>
    public static IEnumerable<ServiceName> Of(EncodedSnapshot snapshot)
    {
        try
        {
            var routes = snapshot.Decode().Spec?.Routes ?? [];
            return routes
                .SelectMany(rule => rule.BackendRefs, (_, backend) => backend.Resolve(snapshot.Service))
                .Where(service => service != snapshot.Service)
                .Distinct()
                .ToList();
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
