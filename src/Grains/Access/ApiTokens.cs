using System.Security.Cryptography;
using Mesh.Abstractions.Access;
using Mesh.Abstractions.Grains;
using Mesh.Grains.Identity;

namespace Mesh.Grains.Access;

/// <summary>
/// Makes, lists, revokes and recognises tokens of the management API. What the store has is remembered for two seconds,
/// which is how long a revoked token may still be good on another silo; and for five minutes while the store is away.
/// </summary>
internal sealed class ApiTokens(IApiTokenStore store, TimeProvider time) : IDisposable
{
    /// <summary>Tokens of a region that have not expired.</summary>
    public const int Most = 1000;

    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);

    public static readonly TimeSpan Usable = TimeSpan.FromMinutes(5);

    /// <summary>A token that is not known may just have been made by another silo; whoever guesses does not make the store work more often.</summary>
    private static readonly TimeSpan SecondLook = TimeSpan.FromMilliseconds(200);

    private readonly SemaphoreSlim _reading = new(1);
    private volatile Known? _known;

    /// <exception cref="InvalidOperationException">There are <see cref="Most"/> already.</exception>
    /// <exception cref="StoreUnavailableException">The store does not answer.</exception>
    public async Task<NewApiToken> Create(ApiTokenSpec spec, string creator)
    {
        var now = time.GetUtcNow();
        var tokens = await store.ReadAll();
        foreach (var expired in tokens.Where(token => token.ExpiresAt <= now))
        {
            await store.Remove(expired.Id);
        }

        if (tokens.Count(token => token.ExpiresAt > now) >= Most)
        {
            throw new InvalidOperationException($"There are {Most} API tokens already; revoke some.");
        }

        var (text, id, hash) = TokenText.Api.Make();
        var made = new StoredApiToken
        {
            Id = id,
            Hash = hash,
            Name = spec.Name,
            Role = spec.Role,
            Namespaces = spec.Namespaces,
            CreatedAt = now,
            ExpiresAt = now + spec.ExpiresIn,
            CreatedBy = creator,
        };
        await store.Add(made);
        _known = null;
        return new NewApiToken { Id = id, Token = text, ExpiresAt = made.ExpiresAt };
    }

    /// <summary>Those that have not expired, the oldest first.</summary>
    /// <exception cref="StoreUnavailableException">The store does not answer.</exception>
    public async Task<IReadOnlyList<ApiTokenView>> List()
    {
        var now = time.GetUtcNow();
        return [.. (await store.ReadAll())
            .Where(token => token.ExpiresAt > now)
            .OrderBy(static token => token.CreatedAt).ThenBy(static token => token.Id, StringComparer.Ordinal)
            .Select(static token => token.View())];
    }

    /// <returns>False when there is no such token.</returns>
    /// <exception cref="StoreUnavailableException">The store does not answer.</exception>
    public async Task<bool> Revoke(string id)
    {
        var isRemoved = await store.Remove(id);
        _known = null;
        return isRemoved;
    }

    /// <returns>Null when the text is no token of ours that is good now.</returns>
    /// <exception cref="StoreUnavailableException">The store does not answer, and the token is not remembered.</exception>
    public async ValueTask<StoredApiToken?> Find(string text)
    {
        if (!TokenText.Api.TryParse(text, out var id, out var hash))
        {
            return null;
        }

        var known = await Read(Fresh);
        if (!known.Tokens.TryGetValue(id, out var token))
        {
            known = await Read(SecondLook);
            if (!known.Tokens.TryGetValue(id, out token) && known.At != known.ReadAt)
            {
                throw new StoreUnavailableException("The store cannot be asked for API tokens, and this one is not among those that are remembered.");
            }
        }

        return token is not null
            && CryptographicOperations.FixedTimeEquals(Convert.FromBase64String(token.Hash), Convert.FromBase64String(hash))
            && time.GetUtcNow() < token.ExpiresAt
                ? token
                : null;
    }

    public void Dispose() => _reading.Dispose();

    /// <summary>What the store has, or had not longer ago than this.</summary>
    private async ValueTask<Known> Read(TimeSpan age)
    {
        if (_known is { } known && time.GetElapsedTime(known.At) < age)
        {
            return known;
        }

        await _reading.WaitAsync();
        try
        {
            known = _known;
            if (known is not null && time.GetElapsedTime(known.At) < age)
            {
                return known;
            }

            var at = time.GetTimestamp();
            try
            {
                var tokens = await store.ReadAll();
                return _known = new Known(at, at, tokens.ToDictionary(static token => token.Id, StringComparer.Ordinal));
            }
            catch (StoreUnavailableException) when (known is { Tokens.Count: > 0 } && time.GetElapsedTime(known.ReadAt) < Usable)
            {
                // Asked again as soon as what is remembered would be asked for again.
                return _known = known with { At = at };
            }
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <param name="At">When it was last asked for.</param>
    /// <param name="ReadAt">When the store last gave it.</param>
    private sealed record Known(long At, long ReadAt, IReadOnlyDictionary<string, StoredApiToken> Tokens);
}
