using Mesh.Abstractions.Regions;
using Mesh.Proxy.Regions;
using static Mesh.Proxy.Tests.Hosting.Snapshots;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Tests.Regions;

/// <summary>What is known of other regions, in few words.</summary>
internal static class Reaches
{
    public static RegionReach Stale(string region) => new() { Region = region, IsStale = true };

    public static RegionReach Fresh(string region) => new() { Region = region, IsStale = false };

    public static RegionReach Via(string region) => new() { Region = region, IsStale = false, Via = RegionVia.Gateway };

    public static RegionMap Map(params RegionReach[] told) => RegionMap.Empty.With(told);

    public static Endpoint In(string region, string id, int port = 1_000, int weight = 1, params (string Name, string Value)[] labels) =>
        At(port, id, weight) with { Region = region, Labels = labels.ToDictionary(static label => label.Name, static label => label.Value) };
}
