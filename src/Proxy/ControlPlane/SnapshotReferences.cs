using System.Text.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Snapshots;

namespace Mesh.Proxy.ControlPlane;

/// <summary>What a snapshot that has just arrived refers to.</summary>
internal static class SnapshotReferences
{
    /// <returns>None for a snapshot that cannot be read; whoever applies it reports that.</returns>
    public static IEnumerable<ServiceName> Of(EncodedSnapshot snapshot)
    {
        try
        {
            return snapshot.Decode().Spec is { } spec ? ServiceReferences.Of(snapshot.Service, spec).ToList() : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
