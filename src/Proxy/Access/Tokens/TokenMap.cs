using System.Collections.Concurrent;

namespace Mesh.Proxy.Access.Tokens;

/// <summary>Counts by itself: a concurrent dictionary takes all its locks to count.</summary>
internal sealed class TokenMap
{
    private readonly ConcurrentDictionary<TokenDigest, CachedToken> _tokens = new();
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public bool TryGet(TokenDigest digest, out CachedToken found) => _tokens.TryGetValue(digest, out found!);

    public bool TryTake(TokenDigest digest, out CachedToken found)
    {
        if (!_tokens.TryRemove(digest, out found!))
        {
            return false;
        }

        Interlocked.Decrement(ref _count);
        return true;
    }

    public void Add(TokenDigest digest, CachedToken token)
    {
        if (_tokens.TryAdd(digest, token))
        {
            Interlocked.Increment(ref _count);
        }
        else
        {
            _tokens[digest] = token;
        }
    }
}
