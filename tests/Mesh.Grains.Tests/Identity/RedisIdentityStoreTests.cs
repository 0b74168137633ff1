using Mesh.Abstractions.Naming;
using Mesh.Grains.Identity;
using Mesh.Grains.Storage;
using Mesh.Grains.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Mesh.Grains.Tests.Identity;

/// <summary>What the store does on any server; the classes below it say on which.</summary>
public abstract class RedisIdentityStoreTests(StoreFixture fixture)
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TestStore _region = fixture.NewRegion();

    private RedisIdentityStore Store => Open(fixture.Multiplexer);

    [Fact]
    public async Task The_first_authority_of_a_generation_stays()
    {
        var added = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => Store.AddAuthority(new StoredAuthority
        {
            Generation = 1,
            Certificate = $"certificate {i}",
            ProtectedKey = "",
            SignsFrom = Now,
        })));

        Assert.Single(added, static one => one);
        Assert.Equal($"certificate {Array.IndexOf(added, true)}", Assert.Single(await Store.ReadAuthorities()).Certificate);
    }

    [Fact]
    public async Task Silos_that_race_never_use_a_token_more_often_than_it_may_be()
    {
        var token = Token(uses: 5);
        await Store.AddToken(token);
        await using var other = await fixture.Connect();
        RedisIdentityStore[] silos = [Store, Open(other)];

        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => silos[i % 2].UseToken(token, $"key {i}", Now)));

        Assert.Equal(5, answers.Count(static answer => answer == TokenUse.Granted));
        Assert.Equal(55, answers.Count(static answer => answer == TokenUse.UsedUp));
        Assert.Equal(5, await Store.CountUses(token.Id));
    }

    [Fact]
    public async Task A_key_that_used_a_token_may_use_it_again_until_it_is_revoked()
    {
        var token = Token(uses: 1);
        await Store.AddToken(token);
        Assert.Equal(TokenUse.Granted, await Store.UseToken(token, "one", Now));
        Assert.Equal(TokenUse.Granted, await Store.UseToken(token, "one", Now));
        Assert.Equal(TokenUse.UsedUp, await Store.UseToken(token, "two", Now));
        Assert.True(await Store.RemoveToken(token.Id));
        Assert.Equal(TokenUse.Revoked, await Store.UseToken(token, "one", Now));
        Assert.Null(await Store.FindToken(token.Id));
    }

    [Fact]
    public async Task Uses_are_forgotten_after_the_token_has_ended()
    {
        var token = Token(uses: 1);
        await Store.AddToken(token);
        await Store.UseToken(token, "one", Now);
        var left = await _region.Redis.KeyTimeToLiveAsync(_region.Keys.JoinTokenUses(token.Id));
        Assert.InRange(left!.Value, TimeSpan.FromHours(24), TimeSpan.FromHours(25));
    }

    [Fact]
    public async Task Join_tokens_that_cannot_be_read_hide_no_others_and_let_nobody_in()
    {
        var token = Token(uses: 1);
        await Store.AddToken(token);
        var copy = Guid.NewGuid().ToString("n")[..16];
        await _region.Redis.HashSetAsync(
            _region.Keys.JoinTokens, [new("damaged", "nonsense"), new(copy, await _region.Redis.HashGetAsync(_region.Keys.JoinTokens, token.Id))]);

        Assert.Equal(token, Assert.Single(await Store.ReadTokens()));
        Assert.Equal(token, await Store.FindToken(token.Id));
        Assert.Null(await Store.FindToken("damaged"));
        Assert.Null(await Store.FindToken(copy));
        Assert.True(await Store.RemoveToken("damaged"));
    }

    private static StoredJoinToken Token(int uses) => new()
    {
        Id = Guid.NewGuid().ToString("n")[..16],
        Hash = "",
        Service = ServiceName.Parse("shop/web"),
        Uses = uses,
        CreatedAt = Now,
        ExpiresAt = Now.AddHours(1),
    };

    private RedisIdentityStore Open(IConnectionMultiplexer multiplexer) => new(
        new RedisCalls(multiplexer, "the test's Redis", TimeProvider.System) { Limit = StoreFixture.Patience },
        _region.Keys,
        new EntryReader(TimeProvider.System, NullLogger<EntryReader>.Instance));
}

/// <summary>On Garnet, as the silo hosts it.</summary>
public sealed class GarnetIdentityStoreTests(GarnetFixture fixture) : RedisIdentityStoreTests(fixture), IClassFixture<GarnetFixture>;

/// <summary>On a real redis-server.</summary>
public sealed class RedisServerIdentityStoreTests(RedisServerFixture fixture) : RedisIdentityStoreTests(fixture), IClassFixture<RedisServerFixture>;
