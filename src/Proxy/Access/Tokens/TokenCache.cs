namespace Mesh.Proxy.Access.Tokens;

/// <summary>
/// Tokens that were verified, at most 10,000. Two halves: when the newer is full, it becomes the older one, whose tokens
/// are forgotten unless they were used meanwhile.
/// </summary>
internal sealed class TokenCache
{
    public const int Half = 5_000;

    private volatile Halves _halves = new(new(), new());

    public int Count => _halves.Newer.Count + _halves.Older.Count;

    public bool TryGet(TokenDigest digest, out CachedToken found)
    {
        var halves = _halves;
        if (halves.Newer.TryGet(digest, out found!))
        {
            return true;
        }

        if (!halves.Older.TryTake(digest, out found!))
        {
            return false;
        }

        Add(digest, found);
        return true;
    }

    public void Add(TokenDigest digest, CachedToken token)
    {
        var halves = _halves;
        if (halves.Newer.Count >= Half)
        {
            // Of several at once, one wins, and all go on with its halves.
            Interlocked.CompareExchange(ref _halves, new Halves(new(), halves.Newer), halves);
            halves = _halves;
        }

        halves.Newer.Add(digest, token);
    }

    private sealed record Halves(TokenMap Newer, TokenMap Older);
}
