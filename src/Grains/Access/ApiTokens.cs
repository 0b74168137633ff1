using Mesh.Abstractions.Access;
using Mesh.Abstractions.Connections;
using Mesh.Abstractions.Grains;
using Mesh.Grains.Identity;

namespace Mesh.Grains.Access;

/// <summary>
/// Makes, lists, revokes and recognises tokens of the management API. What the store has is remembered for two seconds,
/// which is how long a revoked token may still be good on another silo; and for five minutes while the store is away.
/// However many ask, with whatever, the store is asked once at a time and all of them share its answer.
/// </summary>
internal sealed class ApiTokens(IApiTokenStore store, TimeProvider time)
{
    /// <summary>Tokens of a region that have not expired.</summary>
    public const int Most = 1000;

    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);

    public static readonly TimeSpan Usable = TimeSpan.FromMinutes(5);

    /// <summary>A token that is not known may just have been made by another silo; whoever guesses does not make the store work more often.</summary>
    private static readonly TimeSpan SecondLook = TimeSpan.FromMilliseconds(200);

    /// <summary>From then on what is remembered is read again in the background, so that requests do not wait for the store.</summary>
    private static readonly TimeSpan Ahead = Fresh / 2;

    private static readonly Dictionary<string, StoredApiToken> Nothing = [];

    private readonly Lock _lock = new();
    private Known? _known;
    private Task<Known>? _look;

    /// <summary>How often something was changed here: what was read before that is not remembered.</summary>
    private int _changes;

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
        Forget();
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
        Forget();
        return isRemoved;
    }

    /// <returns>Null when the text is no token of ours that is good now.</returns>
    /// <exception cref="StoreUnavailableException">The store does not answer, and the token is not remembered.</exception>
    public async ValueTask<StoredApiToken?> Find(string text, CancellationToken cancellationToken)
    {
        if (!TokenText.Api.TryParse(text, out var id, out var hash))
        {
            return null;
        }

        var known = await Read(Fresh, cancellationToken);
        if (!known.Tokens.TryGetValue(id, out var token))
        {
            known = await Read(SecondLook, cancellationToken);
            if (!known.Tokens.TryGetValue(id, out token) && known.Failure is { } failure)
            {
                throw new StoreUnavailableException("The store cannot be asked for API tokens, and this one is not among those that are remembered.", failure);
            }
        }

        return token is not null
            && SecretText.IsSame(token.Hash, hash)
            && time.GetUtcNow() < token.ExpiresAt
                ? token
                : null;
    }

    /// <summary>What was asked for not longer ago than this; else what the store says now, or that it does not.</summary>
    private async ValueTask<Known> Read(TimeSpan age, CancellationToken cancellationToken)
    {
        Task<Known> look;
        lock (_lock)
        {
            if (_known is { } known && time.GetElapsedTime(known.At) is var old && old < age)
            {
                if (old >= (known.Failure is null ? Ahead : SecondLook))
                {
                    _ = Look();
                }

                return known;
            }

            look = Look();
        }

        return await look.WaitAsync(cancellationToken);
    }

    /// <summary>The question that is under way, or a new one. Only under the lock.</summary>
    private Task<Known> Look() => _look is { IsCompleted: false } ? _look : _look = Ask(_known, _changes);

    private async Task<Known> Ask(Known? before, int changes)
    {
        Known known;
        var at = time.GetTimestamp();
        try
        {
            var tokens = await store.ReadAll();
            known = new Known(at, at, tokens.ToDictionary(static token => token.Id, StringComparer.Ordinal), Failure: null);
        }
        catch (StoreUnavailableException exception)
        {
            // Counted from the end, which may be late: else those who waited for this question would ask the next one each.
            var isUsable = before is not null && time.GetElapsedTime(before.ReadAt) < Usable;
            known = new Known(time.GetTimestamp(), before?.ReadAt ?? at, isUsable ? before!.Tokens : Nothing, exception);
        }

        lock (_lock)
        {
            if (changes == _changes)
            {
                _known = known;
            }
        }

        return known;
    }

    private void Forget()
    {
        lock (_lock)
        {
            (_known, _look) = (null, null);
            _changes++;
        }
    }

    /// <param name="At">When it was last asked for: the beginning of an answer, the end of a failure.</param>
    /// <param name="ReadAt">When the store was asked for what it last gave.</param>
    /// <param name="Failure">Why the store did not answer when it was last asked.</param>
    private sealed record Known(long At, long ReadAt, IReadOnlyDictionary<string, StoredApiToken> Tokens, StoreUnavailableException? Failure);
}
