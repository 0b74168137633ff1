using System.Security.Cryptography;
using Mesh.Abstractions.Connections;
using Mesh.Abstractions.Identity;
using Mesh.Abstractions.Naming;

namespace Mesh.Grains.Identity;

/// <summary>Makes, lists, revokes and redeems join tokens.</summary>
internal sealed class JoinTokens(IIdentityStore store, TimeProvider time)
{
    /// <summary>Tokens of a region that have not expired.</summary>
    public const int Most = 1000;

    /// <exception cref="InvalidOperationException">There are <see cref="Most"/> already.</exception>
    public async Task<NewJoinToken> Create(JoinTokenSpec spec)
    {
        var now = time.GetUtcNow();
        if ((await ListValid(now)).Count >= Most)
        {
            throw new InvalidOperationException($"There are {Most} join tokens already. Revoke some, or make tokens that may be used more than once.");
        }

        var (text, id, hash) = TokenText.Join.Make();
        var token = new StoredJoinToken
        {
            Id = id,
            Hash = hash,
            Service = spec.Service,
            Uses = spec.Uses,
            CreatedAt = now,
            ExpiresAt = now + spec.ExpiresIn,
        };
        await store.AddToken(token);
        return new NewJoinToken { Id = id, Token = text, Service = spec.Service, ExpiresAt = token.ExpiresAt };
    }

    /// <summary>Those that have not expired, the oldest first.</summary>
    public async Task<IReadOnlyList<JoinTokenView>> List()
    {
        var tokens = await ListValid(time.GetUtcNow());
        var views = await Task.WhenAll(tokens.Select(async token => token.View(await store.CountUses(token.Id))));
        return [.. views.OrderBy(static view => view.CreatedAt).ThenBy(static view => view.Id, StringComparer.Ordinal)];
    }

    /// <returns>False when there is no such token.</returns>
    public Task<bool> Revoke(string id) => store.RemoveToken(id);

    /// <param name="publicKey">Of the proxy, as SubjectPublicKeyInfo: who repeats a request is not another user.</param>
    /// <exception cref="IdentityRefusedException">The token is worth nothing.</exception>
    public async Task<ServiceName> Redeem(string text, byte[] publicKey)
    {
        const string remedy = "Make a new one with POST /v1/identity/tokens.";
        if (!TokenText.Join.TryParse(text, out var id, out var hash)
            || await store.FindToken(id) is not { } token
            || !SecretText.IsSame(token.Hash, hash))
        {
            throw Refuse($"The join token is not known here: mistyped, revoked, or of another region. {remedy}");
        }

        var now = time.GetUtcNow();
        if (now >= token.ExpiresAt)
        {
            throw Refuse($"The join token {id} expired at {token.ExpiresAt:u}. {remedy}");
        }

        return await store.UseToken(token, Convert.ToBase64String(SHA256.HashData(publicKey)), now) switch
        {
            TokenUse.Granted => token.Service,
            TokenUse.UsedUp => throw Refuse($"The join token {id} was used already, as often as it may be ({token.Uses}). {remedy}"),
            _ => throw Refuse($"The join token {id} was revoked. {remedy}"),
        };
    }

    private static IdentityRefusedException Refuse(string message) => new(IdentityRefusal.Proof, message);

    private async Task<IReadOnlyList<StoredJoinToken>> ListValid(DateTimeOffset now)
    {
        var tokens = await store.ReadTokens();
        foreach (var expired in tokens.Where(token => token.ExpiresAt <= now))
        {
            await store.RemoveToken(expired.Id);
        }

        return [.. tokens.Where(token => token.ExpiresAt > now)];
    }
}
