using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Mesh.Abstractions.Access;
using Mesh.Grains.Identity;
using Mesh.Silo.Api.Access;
using Mesh.Silo.Api.Audit;
using Mesh.Silo.Api.Problems;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Mesh.Silo.Tests.Api.Access;

/// <summary>Tokens of an issuer on loopback.</summary>
public sealed class JwtAuthenticatorTests : IAsyncLifetime
{
    private const string Audience = "mesh";
    private static readonly TimeProvider Time = TimeProvider.System;

    /// <summary>Of the issuer's keys.</summary>
    private readonly FakeTimeProvider _time = new(Time.GetUtcNow());

    private RsaSecurityKey _key = new(RSA.Create(2048)) { KeyId = "one" };
    private readonly string _url = $"http://127.0.0.1:{FreePort.Next()}";
    private WebApplication _issuer = null!;
    private JwtAuthenticator _authenticator = null!;
    private int _asked;
    private volatile bool _hasKeys = true;

    public async ValueTask InitializeAsync()
    {
        await StartIssuer();
        _authenticator = new JwtAuthenticator(_url, null, null, Audience, "mesh-roles", "sub", _time, NullLogger<JwtAuthenticator>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        _authenticator.Dispose();
        await _issuer.DisposeAsync();
        _key.Rsa.Dispose();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_of_the_issuer_is_taken_with_the_roles_it_says()
    {
        var principal = await _authenticator.Find(Make(roles: ["editor:shop", "viewer", "king:shop", "admin:Not A Namespace"]), Cancel);

        Assert.Equal("jwt:alice", principal!.Name);
        Assert.True(principal.May(ApiRole.Editor, "shop"));
        Assert.False(principal.May(ApiRole.Editor, "bank"));
        Assert.True(principal.May(ApiRole.Viewer, "bank"));
        Assert.False(principal.MaySomewhere(ApiRole.Admin));

        await _authenticator.Find(Make(), Cancel);
        Assert.Equal(1, _asked);
    }

    [Fact]
    public async Task What_was_proved_is_good_until_it_expires_or_the_issuer_has_other_keys()
    {
        var token = Make(expires: Time.GetUtcNow().AddMinutes(70));
        var known = (await _authenticator.Find(token, Cancel))!;
        Assert.Same(known, await _authenticator.FindAgain(token, known, Cancel));

        _time.Advance(IssuerKeys.Fresh);
        var old = _key;
        _key = new RsaSecurityKey(RSA.Create(2048)) { KeyId = "two" };
        Assert.Null(await _authenticator.FindAgain(token, known, Cancel));
        old.Rsa.Dispose();

        token = Make(expires: _time.GetUtcNow().AddMinutes(5));
        known = (await _authenticator.Find(token, Cancel))!;
        _time.Advance(TimeSpan.FromMinutes(6));
        Assert.Null(await _authenticator.FindAgain(token, known, Cancel));
    }

    [Fact]
    public async Task A_name_with_a_backslash_is_escaped_once_in_the_audit_log()
    {
        var context = new DefaultHttpContext();
        context.Features.Set(await _authenticator.Find(Make(name: @"DOMAIN\user"), Cancel));

        Assert.Equal(@"jwt:DOMAIN\u005Cuser", Caller.Name(context));
    }

    [Fact]
    public async Task A_token_that_is_not_good_is_refused()
    {
        using var other = RSA.Create(2048);
        var publicKey = Encoding.UTF8.GetBytes(_key.Rsa.ExportSubjectPublicKeyInfoPem());
        var good = Make();
        var parts = good.Split('.');
        var bad = new Dictionary<string, string>
        {
            ["another audience"] = Make(audience: "other"),
            ["another issuer"] = Make(issuer: "http://elsewhere"),
            ["expired"] = Make(expires: Time.GetUtcNow().AddMinutes(-2)),
            ["not yet good"] = Make(notBefore: Time.GetUtcNow().AddMinutes(5), expires: Time.GetUtcNow().AddMinutes(10)),
            ["another key of the same name"] = Make(key: new SigningCredentials(new RsaSecurityKey(other) { KeyId = "one" }, SecurityAlgorithms.RsaSha256)),
            ["signed with the public key"] = Make(key: new SigningCredentials(new SymmetricSecurityKey(publicKey) { KeyId = "one" }, SecurityAlgorithms.HmacSha256)),
            ["not signed"] = $"{Encode("""{"alg":"none","kid":"one"}""")}.{parts[1]}.",
            ["not signed, with a signature"] = $"{Encode("""{"alg":"none","kid":"one"}""")}.{parts[1]}.{parts[2]}",
            ["changed"] = $"{parts[0]}.{Encode("""{"sub":"eve","mesh-roles":"admin","aud":"mesh"}""")}.{parts[2]}",
            ["cut"] = good[..^8],
            ["nonsense"] = "a.b.c",
        };
        Assert.NotNull(await _authenticator.Find(good, Cancel));
        foreach (var (what, token) in bad)
        {
            Assert.True(await _authenticator.Find(token, Cancel) is null, what);
        }
    }

    [Fact]
    public async Task The_issuer_may_be_another_than_the_metadata_say()
    {
        using var authenticator = new JwtAuthenticator(
            null, $"{_url}/.well-known/openid-configuration", "https://login.example", Audience, "mesh-roles", "sub", _time, NullLogger<JwtAuthenticator>.Instance);

        Assert.NotNull(await authenticator.Find(Make(issuer: "https://login.example"), Cancel));
        Assert.Null(await authenticator.Find(Make(), Cancel));
    }

    [Fact]
    public async Task A_token_without_an_end_is_refused()
    {
        var handler = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false };
        var token = handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = _url,
            Audience = Audience,
            SigningCredentials = new SigningCredentials(_key, SecurityAlgorithms.RsaSha256),
        });

        Assert.Null(await _authenticator.Find(token, Cancel));
    }

    [Fact]
    public async Task While_the_issuer_has_never_answered_nobody_is_judged()
    {
        using var lost = new JwtAuthenticator($"http://127.0.0.1:{FreePort.Next()}", null, null, Audience, "r", "sub", Time, NullLogger<JwtAuthenticator>.Instance);

        var exception = await Assert.ThrowsAsync<ApiException>(async () => await lost.Find(Make(), Cancel));
        Assert.Equal(StatusCodes.Status503ServiceUnavailable, exception.Problem.Status);
        Assert.Null(await lost.Find(TokenText.Api.Make().Token, Cancel));
    }

    [Fact]
    public async Task Keys_that_were_read_are_good_while_the_issuer_is_away()
    {
        await _authenticator.Find(Make(), Cancel);
        await _issuer.StopAsync(TestContext.Current.CancellationToken);

        Assert.NotNull(await _authenticator.Find(Make(), Cancel));
    }

    [Fact]
    public async Task The_first_token_of_a_new_key_is_taken()
    {
        await _authenticator.Find(Make(), Cancel);
        _time.Advance(IssuerKeys.Gap);
        var old = _key;
        _key = new RsaSecurityKey(RSA.Create(2048)) { KeyId = "two" };

        Assert.NotNull(await _authenticator.Find(Make(), Cancel));
        Assert.Null(await _authenticator.Find(Make(key: new SigningCredentials(old, SecurityAlgorithms.RsaSha256)), Cancel));
        old.Rsa.Dispose();
    }

    [Fact]
    public async Task Keys_that_nobody_knows_make_the_issuer_work_every_30_s_at_most()
    {
        await _authenticator.Find(Make(), Cancel);
        _time.Advance(IssuerKeys.Gap);
        for (var i = 0; i < 20; i++)
        {
            var made = new RsaSecurityKey(_key.Rsa) { KeyId = $"made-up-{i}" };
            Assert.Null(await _authenticator.Find(Make(key: new SigningCredentials(made, SecurityAlgorithms.RsaSha256)), Cancel));
        }

        Assert.Equal(2, _asked);
        Assert.NotNull(await _authenticator.Find(Make(), Cancel));
    }

    [Fact]
    public async Task Keys_are_read_again_every_hour_and_the_old_ones_stay_when_there_are_none()
    {
        await _authenticator.Find(Make(), Cancel);
        _hasKeys = false;
        _time.Advance(IssuerKeys.Fresh);
        Assert.NotNull(await _authenticator.Find(Make(expires: _time.GetUtcNow().AddMinutes(5)), Cancel));
        Assert.Equal(2, _asked);
        Assert.NotNull(await _authenticator.Find(Make(expires: _time.GetUtcNow().AddMinutes(5)), Cancel));
        Assert.Equal(2, _asked);
    }

    [Fact]
    public async Task An_issuer_that_was_away_at_first_is_asked_again_after_5_s_and_not_before()
    {
        _hasKeys = false;
        for (var i = 0; i < 20; i++)
        {
            await Assert.ThrowsAsync<ApiException>(async () => await _authenticator.Find(Make(), Cancel));
        }

        Assert.Equal(1, _asked);
        _hasKeys = true;
        _time.Advance(IssuerKeys.FirstGap);
        Assert.NotNull(await _authenticator.Find(Make(), Cancel));
    }

    [Theory]
    [InlineData("admin", ApiRole.Admin, "*")]
    [InlineData("editor:shop", ApiRole.Editor, "shop")]
    [InlineData("viewer:*", ApiRole.Viewer, "*")]
    public void Roles_are_read(string text, ApiRole role, string space)
    {
        var grant = JwtAuthenticator.ParseRole(text);
        Assert.Equal((role, space), (grant!.Role, grant.Namespaces[0]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Admin")]
    [InlineData("admin:")]
    [InlineData("owner:shop")]
    public void What_is_no_role_is_none(string text) => Assert.Null(JwtAuthenticator.ParseRole(text));

    private static string Encode(string json) => Base64UrlEncoder.Encode(json);

    private string Make(
        string? issuer = null, string audience = Audience, DateTimeOffset? notBefore = null, DateTimeOffset? expires = null,
        SigningCredentials? key = null, string[]? roles = null, string name = "alice") => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer ?? _url,
            Audience = audience,
            NotBefore = (notBefore ?? Time.GetUtcNow().AddMinutes(-5)).UtcDateTime,
            Expires = (expires ?? Time.GetUtcNow().AddMinutes(5)).UtcDateTime,
            SigningCredentials = key ?? new SigningCredentials(_key, SecurityAlgorithms.RsaSha256),
            Subject = new ClaimsIdentity([new Claim("sub", name), .. (roles ?? ["admin"]).Select(static role => new Claim("mesh-roles", role))]),
        });

    private async Task StartIssuer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(_url);
        builder.Logging.ClearProviders();
        _issuer = builder.Build();
        _issuer.MapGet("/.well-known/openid-configuration", () =>
        {
            Interlocked.Increment(ref _asked);
            return Results.Text(JsonSerializer.Serialize(new { issuer = _url, jwks_uri = $"{_url}/keys" }), "application/json");
        });
        _issuer.MapGet("/keys", () =>
        {
            var key = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(_key.Rsa.ExportParameters(false)) { KeyId = _key.KeyId });
            return !_hasKeys ? Results.StatusCode(500) : Results.Text(JsonSerializer.Serialize(new { keys = new[] { new { kty = key.Kty, kid = key.Kid, n = key.N, e = key.E, use = "sig" } } }), "application/json");
        });
        await _issuer.StartAsync();
    }
}
