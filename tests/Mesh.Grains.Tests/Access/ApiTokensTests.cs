using Mesh.Abstractions.Access;
using Mesh.Abstractions.Grains;
using Mesh.Grains.Access;
using Mesh.Testing.Cluster;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Grains.Tests.Access;

public sealed class ApiTokensTests : IDisposable
{
    private static readonly ApiTokenSpec Spec = new() { Name = "ci", Role = ApiRole.Editor, Namespaces = ["shop"], ExpiresIn = TimeSpan.FromHours(1) };

    private readonly FakeTimeProvider _time = new();
    private readonly MemoryApiTokenStore _store = new();
    private readonly ApiTokens _tokens;
    private readonly ApiTokens _other;

    public ApiTokensTests() => (_tokens, _other) = (new ApiTokens(_store, _time), new ApiTokens(_store, _time));

    public void Dispose()
    {
        _tokens.Dispose();
        _other.Dispose();
    }

    [Fact]
    public async Task A_token_is_good_until_it_expires()
    {
        var made = await _tokens.Create(Spec, "admin");

        Assert.Equal("ci", (await _tokens.Find(made.Token))!.Name);
        _time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromSeconds(1));
        Assert.NotNull(await _tokens.Find(made.Token));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await _tokens.Find(made.Token));
        Assert.Empty(await _tokens.List());
    }

    [Fact]
    public async Task A_secret_of_another_token_is_no_good()
    {
        var one = (await _tokens.Create(Spec, "admin")).Token.Split('.');
        var two = (await _tokens.Create(Spec, "admin")).Token.Split('.');

        Assert.Null(await _tokens.Find($"{one[0]}.{one[1]}.{two[2]}"));
        Assert.Null(await _tokens.Find($"{one[0]}.{one[1]}.{one[2]}x"));
        Assert.Null(await _tokens.Find($"mesh-join.{one[1]}.{one[2]}"));
    }

    [Fact]
    public async Task Another_silo_hears_of_it_within_two_seconds()
    {
        Assert.Null(await _other.Find("mesh-api.0123456789abcdef.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
        var made = await _tokens.Create(Spec, "admin");
        _time.Advance(TimeSpan.FromMilliseconds(200));
        Assert.NotNull(await _other.Find(made.Token));

        await _tokens.Revoke(made.Id);
        Assert.Null(await _tokens.Find(made.Token));
        _time.Advance(ApiTokens.Fresh);
        Assert.Null(await _other.Find(made.Token));
    }

    [Fact]
    public async Task Guessing_does_not_make_the_store_work()
    {
        await _tokens.Create(Spec, "admin");
        var before = _store.Reads;
        for (var i = 0; i < 1000; i++)
        {
            Assert.Null(await _tokens.Find($"mesh-api.{i:x16}.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
        }

        Assert.InRange(_store.Reads - before, 1, 2);
    }

    [Fact]
    public async Task Without_the_store_those_that_are_remembered_work_for_five_minutes_and_no_other_is_judged()
    {
        var made = await _tokens.Create(Spec, "admin");
        Assert.NotNull(await _tokens.Find(made.Token));
        var unknown = (await _tokens.Create(Spec, "admin")).Token;
        await _tokens.Find(made.Token);
        await _store.Remove(unknown.Split('.')[1]);
        _store.IsDown = true;

        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.NotNull(await _tokens.Find(made.Token));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await _tokens.Find("mesh-api.0123456789abcdef.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await _other.Find(made.Token));
        _time.Advance(TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await _tokens.Find(made.Token));

        _store.IsDown = false;
        Assert.NotNull(await _tokens.Find(made.Token));
    }

    [Fact]
    public async Task There_is_a_limit_and_expired_ones_do_not_count()
    {
        for (var i = 0; i < ApiTokens.Most; i++)
        {
            await _store.Add(Stored($"{i:x16}", _time.GetUtcNow().AddMinutes(1)));
        }

        await Assert.ThrowsAsync<InvalidOperationException>(() => _tokens.Create(Spec, "admin"));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.NotNull(await _tokens.Find((await _tokens.Create(Spec, "admin")).Token));
        Assert.Single(await _store.ReadAll());
    }

    private StoredApiToken Stored(string id, DateTimeOffset until) => new()
    {
        Id = id,
        Hash = "",
        Name = "x",
        Role = ApiRole.Viewer,
        Namespaces = ["shop"],
        CreatedAt = _time.GetUtcNow(),
        ExpiresAt = until,
        CreatedBy = "admin",
    };
}
