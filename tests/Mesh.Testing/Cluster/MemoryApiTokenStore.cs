using System.Collections.Concurrent;
using Mesh.Abstractions.Grains;
using Mesh.Grains.Access;

namespace Mesh.Testing.Cluster;

/// <summary>Tokens of the management API in memory.</summary>
public sealed class MemoryApiTokenStore : IApiTokenStore
{
    private readonly ConcurrentDictionary<string, StoredApiToken> _tokens = new(StringComparer.Ordinal);
    private int _reads;

    /// <summary>Every call fails, as with a server that is gone.</summary>
    public bool IsDown { get; set; }

    public int Reads => _reads;

    public Task<IReadOnlyList<StoredApiToken>> ReadAll()
    {
        Interlocked.Increment(ref _reads);
        return Do<IReadOnlyList<StoredApiToken>>(() => [.. _tokens.Values]);
    }

    public Task Add(StoredApiToken token) => Do(() => _tokens[token.Id] = token);

    public Task<bool> Remove(string id) => Do(() => _tokens.TryRemove(id, out _));

    private Task<T> Do<T>(Func<T> work) =>
        IsDown ? Task.FromException<T>(new StoreUnavailableException("The store is away.")) : Task.FromResult(work());
}
