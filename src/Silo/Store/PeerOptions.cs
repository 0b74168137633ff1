using Mesh.Grains.Storage;

namespace Mesh.Silo.Store;

/// <summary>Where another region keeps its state: section <c>Mesh:Peers:{region}</c>.</summary>
internal sealed class PeerOptions
{
    /// <value>A StackExchange.Redis connection string of the peer's Redis. Its user needs to read only.</value>
    public string Redis { get; set; } = "";

    /// <value>The peer's <c>Mesh:RedisPrefix</c>. Default: <c>mesh</c>.</value>
    public string Prefix { get; set; } = RedisKeys.DefaultPrefix;
}
