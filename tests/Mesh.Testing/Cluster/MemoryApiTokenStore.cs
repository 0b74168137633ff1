using System.Collections.Concurrent;
using Mesh.Abstractions.Grains;
using Mesh.Grains.Access;

namespace Mesh.Testing.Cluster;

/// <summary>Tokens of the management API in memory.</summary>
public sealed class MemoryApiTokenStore : IApiTokenStore
{
    private readonly ConcurrentDictionary<string, StoredApiToken> _tokens = new(StringComparer.Ordinal);
    private int _reads;
    private volatile TaskCompletionSource? _hang;

    /// <summary>Every call fails, as with a server that is gone.</summary>
    public bool IsDown { get; set; }

    public int Reads => _reads;

    public async Task<IReadOnlyList<StoredApiToken>> ReadAll()
    {
        Interlocked.Increment(ref _reads);
        var tokens = Do<IReadOnlyList<StoredApiToken>>(() => [.. _tokens.Values]);
        await (_hang?.Task ?? Task.CompletedTask);
        return await tokens;
    }

    /// <summary>From now on no reading is answered, until <see cref="GoOn"/> or <see cref="GiveUp"/>.</summary>
    public void Hang() => _hang = new TaskCompletionSource();

    /// <summary>What hangs is answered with what was stored when it was asked.</summary>
    public void GoOn() => End()?.SetResult();

    /// <summary>What hangs fails, as with a server that does not answer in time.</summary>
    public void GiveUp() => End()?.SetException(new StoreUnavailableException("The store did not answer in time."));

    private TaskCompletionSource? End() => Interlocked.Exchange(ref _hang, null);

    public Task Add(StoredApiToken token) => Do(() => _tokens[token.Id] = token);

    public Task<bool> Remove(string id) => Do(() => _tokens.TryRemove(id, out _));

    private Task<T> Do<T>(Func<T> work) =>
        IsDown ? Task.FromException<T>(new StoreUnavailableException("The store is away.")) : Task.FromResult(work());
}
