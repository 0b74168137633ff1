using Mesh.Abstractions.Access;
using Mesh.Abstractions.Grains;
using Mesh.Grains.Access;
using Mesh.Testing.Cluster;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Grains.Tests.Access;

public sealed class ApiTokensTests
{
    private static readonly ApiTokenSpec Spec = new() { Name = "ci", Role = ApiRole.Editor, Namespaces = ["shop"], ExpiresIn = TimeSpan.FromHours(1) };

    private readonly FakeTimeProvider _time = new();
    private readonly MemoryApiTokenStore _store = new();
    private readonly ApiTokens _tokens;
    private readonly ApiTokens _other;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ApiTokensTests() => (_tokens, _other) = (new ApiTokens(_store, _time), new ApiTokens(_store, _time));

    [Fact]
    public async Task A_token_is_good_until_it_expires()
    {
        var made = await _tokens.Create(Spec, "admin");

        Assert.Equal("ci", (await _tokens.Find(made.Token, Cancel))!.Name);
        _time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromSeconds(1));
        Assert.NotNull(await _tokens.Find(made.Token, Cancel));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await _tokens.Find(made.Token, Cancel));
        Assert.Empty(await _tokens.List());
    }

    [Fact]
    public async Task A_secret_of_another_token_is_no_good()
    {
        var one = (await _tokens.Create(Spec, "admin")).Token.Split('.');
        var two = (await _tokens.Create(Spec, "admin")).Token.Split('.');

        Assert.Null(await _tokens.Find($"{one[0]}.{one[1]}.{two[2]}", Cancel));
        Assert.Null(await _tokens.Find($"{one[0]}.{one[1]}.{one[2]}x", Cancel));
        Assert.Null(await _tokens.Find($"mesh-join.{one[1]}.{one[2]}", Cancel));
    }

    [Fact]
    public async Task Another_silo_hears_of_it_within_two_seconds()
    {
        Assert.Null(await _other.Find("mesh-api.0123456789abcdef.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", Cancel));
        var made = await _tokens.Create(Spec, "admin");
        _time.Advance(TimeSpan.FromMilliseconds(200));
        Assert.NotNull(await _other.Find(made.Token, Cancel));

        await _tokens.Revoke(made.Id);
        Assert.Null(await _tokens.Find(made.Token, Cancel));
        _time.Advance(ApiTokens.Fresh);
        Assert.Null(await _other.Find(made.Token, Cancel));
    }

    [Fact]
    public async Task Guessing_does_not_make_the_store_work()
    {
        await _tokens.Create(Spec, "admin");
        var before = _store.Reads;
        for (var i = 0; i < 1000; i++)
        {
            Assert.Null(await _tokens.Find(Guess(i), Cancel));
        }

        Assert.InRange(_store.Reads - before, 1, 2);
    }

    [Fact]
    public async Task Without_the_store_those_that_are_remembered_work_for_five_minutes_and_no_other_is_judged()
    {
        var made = await _tokens.Create(Spec, "admin");
        Assert.NotNull(await _tokens.Find(made.Token, Cancel));
        var unknown = (await _tokens.Create(Spec, "admin")).Token;
        await _tokens.Find(made.Token, Cancel);
        await _store.Remove(unknown.Split('.')[1]);
        _store.IsDown = true;

        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.NotNull(await _tokens.Find(made.Token, Cancel));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await _tokens.Find("mesh-api.0123456789abcdef.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", Cancel));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await _other.Find(made.Token, Cancel));
        _time.Advance(TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await _tokens.Find(made.Token, Cancel));

        _store.IsDown = false;
        _time.Advance(TimeSpan.FromMilliseconds(200));
        Assert.NotNull(await _tokens.Find(made.Token, Cancel));
    }

    [Fact]
    public async Task However_many_ask_a_store_that_hangs_is_asked_once_and_all_wait_for_that()
    {
        var made = await _tokens.Create(Spec, "admin");
        var reads = _store.Reads;
        _store.IsDown = true;
        _store.Hang();
        var all = Enumerable.Range(0, 500).Select(i => _tokens.Find(Guess(i), Cancel).AsTask())
            .Append(_tokens.Find(made.Token, Cancel).AsTask()).ToList();

        _time.Advance(TimeSpan.FromSeconds(1.5));
        _store.GiveUp();

        foreach (var one in all)
        {
            await Assert.ThrowsAsync<StoreUnavailableException>(() => one);
        }

        // For a moment the failure is remembered, though no token is.
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await _tokens.Find(Guess(0), Cancel));
        Assert.Equal(1, _store.Reads - reads);
        _time.Advance(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await _tokens.Find(Guess(0), Cancel));
        Assert.Equal(2, _store.Reads - reads);
    }

    [Fact]
    public async Task Who_left_does_not_wait_and_others_get_the_answer()
    {
        var made = await _tokens.Create(Spec, "admin");
        _store.Hang();
        using var gone = new CancellationTokenSource();
        var left = _tokens.Find(made.Token, gone.Token).AsTask();
        var stays = _tokens.Find(made.Token, Cancel).AsTask();

        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        _store.GoOn();

        Assert.NotNull(await stays);
    }

    [Fact]
    public async Task What_is_remembered_is_good_at_once_while_the_store_hangs()
    {
        var made = await _tokens.Create(Spec, "admin");
        Assert.NotNull(await _tokens.Find(made.Token, Cancel));
        _store.Hang();
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            var reads = _store.Reads;
            var found = _tokens.Find(made.Token, Cancel);
            Assert.True(found.IsCompletedSuccessfully);
            Assert.NotNull(await found);
            Assert.Equal(1, _store.Reads - reads);
            _store.GiveUp();
            _store.Hang();
        }
    }

    [Fact]
    public async Task What_was_read_before_a_revocation_is_not_remembered_after_it()
    {
        var made = await _tokens.Create(Spec, "admin");
        await _tokens.Find(made.Token, Cancel);
        _time.Advance(TimeSpan.FromSeconds(1));
        _store.Hang();
        Assert.NotNull(await _tokens.Find(made.Token, Cancel));

        await _tokens.Revoke(made.Id);
        _store.GoOn();

        Assert.Null(await _tokens.Find(made.Token, Cancel));
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
        Assert.NotNull(await _tokens.Find((await _tokens.Create(Spec, "admin")).Token, Cancel));
        Assert.Single(await _store.ReadAll());
    }

    /// <summary>A token of the right form that there is not.</summary>
    private static string Guess(int i) => $"mesh-api.{i:x16}.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

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
