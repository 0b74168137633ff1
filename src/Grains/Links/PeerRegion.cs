using Mesh.Abstractions.Regions;
using StackExchange.Redis;

namespace Mesh.Grains.Links;

/// <summary>Another region this one exchanges its state with.</summary>
/// <param name="Redis">How to connect to its store.</param>
/// <param name="Prefix">What its keys begin with.</param>
internal sealed record PeerRegion(string Name, ConfigurationOptions Redis, string Prefix)
{
    public static readonly TimeSpan DefaultStaleAfter = TimeSpan.FromSeconds(30);

    /// <summary>The silence after which its endpoints are used last.</summary>
    public TimeSpan StaleAfter { get; init; } = DefaultStaleAfter;

    /// <summary>How proxies of this region reach its endpoints.</summary>
    public RegionVia Via { get; init; }
}
