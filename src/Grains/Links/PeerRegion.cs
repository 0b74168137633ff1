using StackExchange.Redis;

namespace Mesh.Grains.Links;

/// <summary>Another region this one exchanges its state with.</summary>
/// <param name="Redis">How to connect to its store.</param>
/// <param name="Prefix">What its keys begin with.</param>
internal sealed record PeerRegion(string Name, ConfigurationOptions Redis, string Prefix);
