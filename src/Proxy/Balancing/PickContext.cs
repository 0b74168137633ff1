namespace Mesh.Proxy.Balancing;

/// <summary>What a choice of an endpoint depends on.</summary>
/// <param name="Now">The current timestamp.</param>
/// <param name="Hash">That of the request, for consistent hashing; null when it has no key, or when nobody hashes.</param>
/// <param name="Pinned">The identity of the endpoint that the request's session began at; null when it has none.</param>
internal readonly record struct PickContext(long Now, ulong? Hash = null, ulong? Pinned = null)
{
    /// <summary>The next choice of the same request: for a hashed one always the same other place.</summary>
    public PickContext Next() => Hash is { } hash ? this with { Hash = HashMixer.Next(hash) } : this;
}
