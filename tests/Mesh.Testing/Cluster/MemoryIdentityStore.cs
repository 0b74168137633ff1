using System.Collections.Concurrent;
using Mesh.Grains.Identity;

namespace Mesh.Testing.Cluster;

/// <summary>Identities in memory, with the promises of the real store.</summary>
public sealed class MemoryIdentityStore : IIdentityStore
{
    private readonly ConcurrentDictionary<int, StoredAuthority> _authorities = new();
    private readonly ConcurrentDictionary<string, StoredJoinToken> _tokens = new();
    private readonly ConcurrentDictionary<string, HashSet<string>> _uses = new();
    private int _reads;

    /// <summary>How often the authorities were read.</summary>
    public int Reads => _reads;

    /// <summary>What reading the authorities ends in; null for an answer.</summary>
    public Exception? Failure { get; set; }

    /// <summary>What happens when the store is flushed.</summary>
    public void Clear()
    {
        _authorities.Clear();
        _tokens.Clear();
        _uses.Clear();
    }

    public Task<IReadOnlyList<StoredAuthority>> ReadAuthorities()
    {
        Interlocked.Increment(ref _reads);
        if (Failure is { } failure)
        {
            return Task.FromException<IReadOnlyList<StoredAuthority>>(failure);
        }

        return Task.FromResult<IReadOnlyList<StoredAuthority>>([.. _authorities.Values]);
    }

    public Task<bool> AddAuthority(StoredAuthority authority) => Task.FromResult(_authorities.TryAdd(authority.Generation, authority));

    public Task<IReadOnlyList<StoredJoinToken>> ReadTokens() => Task.FromResult<IReadOnlyList<StoredJoinToken>>([.. _tokens.Values]);

    public Task<StoredJoinToken?> FindToken(string id) => Task.FromResult(_tokens.GetValueOrDefault(id));

    public Task<int> CountUses(string id) => Task.FromResult(_uses.GetValueOrDefault(id)?.Count ?? 0);

    public Task AddToken(StoredJoinToken token)
    {
        _tokens[token.Id] = token;
        return Task.CompletedTask;
    }

    public Task<bool> RemoveToken(string id) => Task.FromResult(_tokens.TryRemove(id, out _));

    public Task<TokenUse> UseToken(StoredJoinToken token, string key, DateTimeOffset now)
    {
        if (!_tokens.ContainsKey(token.Id))
        {
            return Task.FromResult(TokenUse.Revoked);
        }

        var uses = _uses.GetOrAdd(token.Id, static _ => []);
        lock (uses)
        {
            if (!uses.Contains(key) && uses.Count >= token.Uses)
            {
                return Task.FromResult(TokenUse.UsedUp);
            }

            uses.Add(key);
            return Task.FromResult(TokenUse.Granted);
        }
    }
}
