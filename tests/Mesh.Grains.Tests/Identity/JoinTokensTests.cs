using Mesh.Abstractions.Identity;
using Mesh.Abstractions.Naming;
using Mesh.Grains.Identity;
using Mesh.Testing.Cluster;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Grains.Tests.Identity;

public class JoinTokensTests
{
    private static readonly ServiceName Web = ServiceName.Parse("shop/web");

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly MemoryIdentityStore _store = new();

    private JoinTokens Tokens => new(_store, _time);

    [Fact]
    public async Task A_token_is_its_services_and_is_used_once()
    {
        var token = await Create();
        Assert.Equal(Web, await Tokens.Redeem(token.Token, [1]));

        var exception = await Assert.ThrowsAsync<IdentityRefusedException>(() => Tokens.Redeem(token.Token, [2]));
        Assert.Contains("was used already", exception.Message, StringComparison.Ordinal);
        Assert.Equal(1, Assert.Single(await Tokens.List()).Used);
    }

    [Fact]
    public async Task Whoever_did_not_get_its_answer_may_ask_again_with_its_key()
    {
        var token = await Create();
        await Tokens.Redeem(token.Token, [1]);
        Assert.Equal(Web, await Tokens.Redeem(token.Token, [1]));
    }

    [Fact]
    public async Task An_expired_token_is_refused_and_forgotten()
    {
        var token = await Create();
        _time.Advance(TimeSpan.FromHours(1));
        var exception = await Assert.ThrowsAsync<IdentityRefusedException>(() => Tokens.Redeem(token.Token, [1]));
        Assert.Contains("expired", exception.Message, StringComparison.Ordinal);
        Assert.Empty(await Tokens.List());
        Assert.Empty(await _store.ReadTokens());
    }

    [Fact]
    public async Task A_revoked_token_is_refused()
    {
        var token = await Create();
        Assert.True(await Tokens.Revoke(token.Id));
        Assert.False(await Tokens.Revoke(token.Id));
        await Assert.ThrowsAsync<IdentityRefusedException>(() => Tokens.Redeem(token.Token, [1]));
    }

    [Fact]
    public async Task The_secret_must_be_right_and_is_not_stored()
    {
        var (token, other) = (await Create(), await Create());
        var mixed = token.Token[..(token.Token.LastIndexOf('.') + 1)] + other.Token[(other.Token.LastIndexOf('.') + 1)..];
        foreach (var wrong in (string[])["", "mesh-join", mixed, token.Token + "A", token.Token[..^1], token.Token.ToUpperInvariant(), new('x', 100_000)])
        {
            var exception = await Assert.ThrowsAsync<IdentityRefusedException>(() => Tokens.Redeem(wrong, [1]));
            Assert.Contains("not known", exception.Message, StringComparison.Ordinal);
        }

        var secret = token.Token[(token.Token.LastIndexOf('.') + 1)..];
        Assert.All(await _store.ReadTokens(), stored => Assert.DoesNotContain(secret, stored.ToString(), StringComparison.Ordinal));
        Assert.DoesNotContain(secret, token.ToString(), StringComparison.Ordinal);
    }

    private Task<NewJoinToken> Create() => Tokens.Create(new JoinTokenSpec { Service = Web });
}
