using Mesh.Abstractions.Regions;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Regions;

/// <summary>What the control plane told of other regions, and which gateways they have. Immutable.</summary>
internal sealed class RegionMap
{
    private readonly Dictionary<string, RegionReach> _reaches;
    private readonly Dictionary<string, Endpoint[]> _gateways;
    private readonly Lazy<RegionMap> _direct;

    private RegionMap(Dictionary<string, RegionReach> reaches, Dictionary<string, Endpoint[]> gateways)
    {
        _reaches = reaches;
        _gateways = gateways;
        UsesGateways = reaches.Values.Any(static reach => reach.Via == RegionVia.Gateway);
        _direct = new Lazy<RegionMap>(() => UsesGateways
            ? new RegionMap(reaches.Values.ToDictionary(static reach => reach.Region, static reach => reach with { Via = RegionVia.Direct }), gateways)
            : this);
    }

    /// <summary>Nothing is known: no region is stale, and all are reached directly.</summary>
    public static RegionMap Empty { get; } = new([], []);

    /// <summary>By name.</summary>
    public IEnumerable<RegionReach> All => _reaches.Values.OrderBy(static reach => reach.Region, StringComparer.Ordinal);

    /// <summary>At least one region is reached through its gateways.</summary>
    public bool UsesGateways { get; }

    /// <summary>The same, with all regions reached directly.</summary>
    public RegionMap Direct => _direct.Value;

    public bool IsStale(string region) => _reaches.TryGetValue(region, out var reach) && reach.IsStale == true;

    public bool IsViaGateway(string region) => _reaches.TryGetValue(region, out var reach) && reach.Via == RegionVia.Gateway;

    /// <summary>The gateways of a region that may get requests.</summary>
    public IReadOnlyList<Endpoint> GatewaysOf(string region) => _gateways.GetValueOrDefault(region) ?? [];

    /// <param name="told">What is told; whether a region is stale, when that is not known, stays as it was. What makes no sense is left out.</param>
    public RegionMap With(IEnumerable<RegionReach?> told) => new(
        told.OfType<RegionReach>().Where(static reach => reach.Region is not null).DistinctBy(static reach => reach.Region).ToDictionary(
            static reach => reach.Region,
            reach => reach with { IsStale = reach.IsStale ?? IsStale(reach.Region) }),
        _gateways);

    /// <param name="endpoints">Those of the gateways' service.</param>
    public RegionMap WithGateways(IEnumerable<Endpoint> endpoints) => new(
        _reaches,
        endpoints.Where(PoolMember.IsSelectable).GroupBy(static endpoint => endpoint.Region).ToDictionary(static group => group.Key, static group => group.ToArray()));

    /// <summary>Whether some regions' endpoints are used as another map wants them used.</summary>
    public bool IsSameFor(IEnumerable<string> regions, RegionMap other) => regions.All(region =>
        IsStale(region) == other.IsStale(region)
        && IsViaGateway(region) == other.IsViaGateway(region)
        && (!IsViaGateway(region) || GatewaysOf(region).SequenceEqual(other.GatewaysOf(region))));
}
