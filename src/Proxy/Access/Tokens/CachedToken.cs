namespace Mesh.Proxy.Access.Tokens;

/// <param name="Token">What it says.</param>
/// <param name="Set">Where the key is that it is signed with.</param>
/// <param name="Keys">The keys it was verified with; it counts as long as they are the set's.</param>
/// <param name="Until">When it has to be verified again, at the latest.</param>
internal sealed record CachedToken(VerifiedToken Token, KeySet Set, SigningKeys Keys, DateTimeOffset Until);
