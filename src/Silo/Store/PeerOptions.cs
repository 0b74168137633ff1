using Mesh.Abstractions.Regions;
using Mesh.Grains.Links;
using Mesh.Grains.Storage;

namespace Mesh.Silo.Store;

/// <summary>Where another region keeps its state: section <c>Mesh:Peers:{region}</c>.</summary>
internal sealed class PeerOptions
{
    /// <value>A StackExchange.Redis connection string of the peer's Redis. Its user needs to read only.</value>
    public string Redis { get; set; } = "";

    public RedisTlsOptions RedisTls { get; set; } = new();

    /// <value>The peer's <c>Mesh:RedisPrefix</c>. Default: <c>mesh</c>.</value>
    public string Prefix { get; set; } = RedisKeys.DefaultPrefix;

    /// <value>How long the peer may be silent before its endpoints are used last. Default: 30 s; at least 5 s.</value>
    public TimeSpan StaleAfter { get; set; } = PeerRegion.DefaultStaleAfter;

    /// <value>How this region's proxies reach the peer's endpoints: <c>Direct</c> (default) or <c>Gateway</c>.</value>
    public RegionVia Via { get; set; }
}
