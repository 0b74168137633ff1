namespace Mesh.Grains.Identity;

/// <summary>
/// What of identities is stored in the region. Every method throws
/// <see cref="Mesh.Abstractions.Grains.StoreUnavailableException"/> as those of the service store do.
/// </summary>
public interface IIdentityStore
{
    Task<IReadOnlyList<StoredAuthority>> ReadAuthorities();

    /// <returns>False when there is one of that generation already.</returns>
    Task<bool> AddAuthority(StoredAuthority authority);

    Task<IReadOnlyList<StoredJoinToken>> ReadTokens();

    Task<StoredJoinToken?> FindToken(string id);

    /// <summary>How many keys have used a token.</summary>
    Task<int> CountUses(string id);

    Task AddToken(StoredJoinToken token);

    /// <returns>False when there is no such token.</returns>
    Task<bool> RemoveToken(string id);

    /// <summary>
    /// Uses a token for a key, atomically among all silos. The same key may ask again: its answer may have been lost.
    /// </summary>
    /// <param name="key">A digest of the public key.</param>
    Task<TokenUse> UseToken(StoredJoinToken token, string key, DateTimeOffset now);
}
