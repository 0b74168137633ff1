namespace Mesh.Abstractions.Regions;

/// <summary>What a region's control plane tells its proxies of another region.</summary>
[GenerateSerializer, Immutable, Alias("mesh.RegionReach")]
public sealed record RegionReach
{
    [Id(0)] public required string Region { get; init; }

    /// <summary>It has been silent for longer than it may, and its endpoints are used last; null when that is not known yet.</summary>
    [Id(1)] public bool? IsStale { get; init; }

    [Id(2)] public RegionVia Via { get; init; }
}
