using Mesh.Abstractions.Access;
using Mesh.Proxy.Access.Tokens;
using Mesh.Testing;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Proxy.Tests.Access.Tokens;

public sealed class TokenVerifierTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddDays(20_000));
    private readonly TokenVerifier _verifier;
    private TokenIssuer _issuer = null!;
    private IReadOnlyList<JwtIssuer> _issuers = [];

    public TokenVerifierTests() => _verifier = new TokenVerifier(_time);

    private long Now => _time.GetUtcNow().ToUnixTimeSeconds();

    private object Payload => new { iss = TokenIssuer.Name, aud = "web", sub = "ann", exp = Now + 3600 };

    public async ValueTask InitializeAsync()
    {
        _issuer = await TokenIssuer.StartAsync();
        _issuers = [_issuer.Spec];
    }

    public async ValueTask DisposeAsync()
    {
        _verifier.Dispose();
        await _issuer.DisposeAsync();
    }

    [Theory]
    [InlineData("RS256", "rsa-1")]
    [InlineData("PS256", "rsa-1")]
    [InlineData("ES256", "ec-1")]
    [InlineData("RS256", null)]
    [InlineData("ES256", null)]
    public async Task A_token_signed_by_a_key_of_its_issuer_is_valid(string algorithm, string? kid)
    {
        var verdict = await VerifyAsync("bEARER " + _issuer.Sign(algorithm, kid, Payload));

        Assert.Equal(TokenOutcome.Valid, verdict.Outcome);
        Assert.True(verdict.Token!.Has("sub", "ann"));
    }

    [Theory]
    [InlineData("none", "alg")]
    [InlineData("HS256", "alg")]
    [InlineData("ES256", "signature")]
    public async Task An_algorithm_that_is_not_the_keys_is_refused(string algorithm, string why) =>
        await RefusedAsync(_issuer.Sign(algorithm, "rsa-1", Payload), why);

    [Fact]
    public async Task What_a_token_says_must_be_right()
    {
        await RefusedAsync(_issuer.Rs256(new { iss = TokenIssuer.Name + "/", aud = "web", exp = Now + 60 }), "iss");
        await RefusedAsync(_issuer.Rs256(new { iss = TokenIssuer.Name, aud = "Web", exp = Now + 60 }), "aud");
        await RefusedAsync(_issuer.Rs256(new { iss = TokenIssuer.Name, aud = "web" }), "exp");
        await RefusedAsync(_issuer.Rs256(new { iss = TokenIssuer.Name, aud = "web", exp = Now - 60 }), "expired");
        await RefusedAsync(_issuer.Rs256(new { iss = TokenIssuer.Name, aud = "web", exp = Now + 600, nbf = Now + 61 }), "nbf");
        await RefusedAsync(_issuer.Rs256(new { iss = TokenIssuer.Name, aud = "web", exp = Now + 600, nbf = "soon" }), "nbf");
        var within = _issuer.Rs256(new { iss = TokenIssuer.Name, aud = new[] { "api", "web" }, exp = Now - 59, nbf = Now + 60 });
        Assert.Equal(TokenOutcome.Valid, (await VerifyAsync("Bearer " + within)).Outcome);
    }

    [Fact]
    public async Task What_is_no_token_is_refused_and_not_repeated()
    {
        await RefusedAsync("", "JWT");
        await RefusedAsync("secret-text", "JWT");
        await RefusedAsync("e30.e30.", "JWT");
        await RefusedAsync("a.b.c.d.e", "JWT");
        await RefusedAsync(new string('a', TokenVerifier.MaxTokenLength + 1), "longer");
        var two = await VerifyAsync(new StringValues(["Bearer " + _issuer.Rs256(Payload), "Basic eDp5"]));
        Assert.Equal(TokenOutcome.Refused, two.Outcome);
    }

    [Fact]
    public async Task A_changed_token_is_refused()
    {
        var good = _issuer.Rs256(Payload).Split('.');
        var other = _issuer.Rs256(new { iss = TokenIssuer.Name, aud = "web", sub = "eve", exp = Now + 3600 }).Split('.');
        await RefusedAsync($"{good[0]}.{other[1]}.{good[2]}", "signature");
    }

    [Theory]
    [InlineData("Basic eDp5")]
    [InlineData("Bearerx y")]
    public async Task Another_scheme_is_no_token(string header) =>
        Assert.Equal(TokenOutcome.None, (await VerifyAsync(header)).Outcome);

    [Fact]
    public async Task An_unknown_key_is_fetched_at_most_every_30_seconds()
    {
        await ValidAsync(_issuer.Rs256(Payload));
        _issuer.Rotate("rsa-2");
        await RefusedAsync(_issuer.Rs256(Payload), "signature");
        Assert.Equal(1, _issuer.Fetches);

        _time.Advance(KeySet.UnknownKeyInterval);
        await ValidAsync(_issuer.Rs256(Payload));
        await RefusedAsync(_issuer.Sign("RS256", "invented", Payload), "signature");
        Assert.Equal(2, _issuer.Fetches);
    }

    [Fact]
    public async Task A_key_that_was_taken_out_stops_counting_for_remembered_tokens_too()
    {
        var old = _issuer.Rs256(Payload);
        await ValidAsync(old);
        _issuer.Rotate("rsa-2");
        _time.Advance(KeySet.Refresh - TimeSpan.FromSeconds(1));
        await ValidAsync(old);
        _time.Advance(TimeSpan.FromSeconds(1));

        await Eventually.Holds("the old key stops counting", async () => (await VerifyAsync("Bearer " + old)).Outcome == TokenOutcome.Refused);
    }

    [Fact]
    public async Task Keys_that_never_could_be_read_are_nobodys_fault_but_the_issuers()
    {
        await _issuer.StopServerAsync();
        Assert.Equal(TokenOutcome.Unavailable, (await VerifyAsync("Bearer " + _issuer.Rs256(Payload))).Outcome);

        await _issuer.StartServerAsync();
        _time.Advance(KeySet.RetryInterval);
        await ValidAsync(_issuer.Rs256(Payload));
    }

    [Fact]
    public async Task The_last_keys_stay_while_the_issuer_is_away()
    {
        await ValidAsync(_issuer.Rs256(Payload));
        _issuer.Instead = static context =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        _time.Advance(KeySet.Refresh);
        await ValidAsync(_issuer.Rs256(Payload));
        await Eventually.Holds("the keys are asked for again", () => _issuer.Fetches == 2);
        await ValidAsync(_issuer.Rs256(Payload));
    }

    [Fact]
    public async Task A_slow_issuer_delays_only_tokens_with_unknown_keys()
    {
        await ValidAsync(_issuer.Rs256(Payload));
        var known = _issuer.Sign("RS256", "rsa-1", new { iss = TokenIssuer.Name, aud = "web", sub = "bob", exp = Now + 3600 });
        var gate = new TaskCompletionSource();
        _issuer.Gate = gate.Task;
        _issuer.Rotate("rsa-2");
        _time.Advance(KeySet.UnknownKeyInterval);
        var unknown = VerifyAsync("Bearer " + _issuer.Rs256(Payload)).AsTask();
        await Eventually.Holds("the keys are asked for", () => _issuer.Fetches == 2);

        await ValidAsync(known);
        Assert.False(unknown.IsCompleted);

        gate.SetResult();
        Assert.Equal(TokenOutcome.Valid, (await unknown).Outcome);
    }

    [Fact]
    public async Task Many_first_requests_are_one_fetch()
    {
        var gate = new TaskCompletionSource();
        _issuer.Gate = gate.Task;
        var all = Enumerable.Range(0, 20).Select(_ => VerifyAsync("Bearer " + _issuer.Rs256(Payload)).AsTask()).ToArray();
        gate.SetResult();

        Assert.All(await Task.WhenAll(all), static verdict => Assert.Equal(TokenOutcome.Valid, verdict.Outcome));
        Assert.Equal(1, _issuer.Fetches);
    }

    [Fact]
    public async Task A_valid_token_is_remembered_until_it_expires_and_for_these_issuers_only()
    {
        var token = _issuer.Rs256(new { iss = TokenIssuer.Name, aud = "web", exp = Now + 60 });
        var first = await VerifyAsync("Bearer " + token);
        Assert.Same(first.Token, (await VerifyAsync("Bearer " + token)).Token);
        Assert.Equal(1, _verifier.Cached);

        _issuers = [_issuer.Spec with { Audiences = ["other"] }];
        await RefusedAsync(token, "aud");
        _issuers = [_issuer.Spec];
        _time.Advance(TimeSpan.FromSeconds(120));
        await RefusedAsync(token, "expired");
    }

    [Fact]
    public async Task Too_large_a_key_set_is_not_read()
    {
        _issuer.Instead = static context => context.Response.WriteAsync("{\"keys\":[]}" + new string(' ', JwksClient.MaxBytes));
        Assert.Equal(TokenOutcome.Unavailable, (await VerifyAsync("Bearer " + _issuer.Rs256(Payload))).Outcome);
    }

    private ValueTask<TokenVerdict> VerifyAsync(StringValues header) =>
        _verifier.VerifyAsync(_issuers, header, TestContext.Current.CancellationToken);

    private async Task ValidAsync(string token)
    {
        var verdict = await VerifyAsync("Bearer " + token);
        Assert.True(verdict.Outcome == TokenOutcome.Valid, verdict.Refusal);
    }

    private async Task RefusedAsync(string token, string why)
    {
        var verdict = await VerifyAsync("Bearer " + token);
        Assert.Equal(TokenOutcome.Refused, verdict.Outcome);
        Assert.Contains(why, verdict.Refusal, StringComparison.Ordinal);
        Assert.True(token.Length == 0 || !verdict.Refusal!.Contains(token, StringComparison.Ordinal));
    }
}
