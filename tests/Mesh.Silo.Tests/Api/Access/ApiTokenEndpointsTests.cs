using System.Net;
using Mesh.Testing;

namespace Mesh.Silo.Tests.Api.Access;

public sealed class ApiTokenEndpointsTests(SecuredApiHost host) : IClassFixture<SecuredApiHost>
{
    private SecuredApiHost.Caller Admin => host.As(SecuredApiHost.Admin);

    [Fact]
    public async Task A_token_is_shown_once_works_and_can_be_revoked()
    {
        var made = await Admin.Post("/v1/tokens", """{ "name": "ci", "role": "editor", "namespaces": ["shop"], "expiresIn": "1h" }""");
        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Equal("no-store", made.Headers.CacheControl!.ToString());
        var (id, token) = (made.Json["id"]!.GetValue<string>(), made.Json["token"]!.GetValue<string>());

        var shown = await Admin.Get($"/v1/tokens/{id}");
        Assert.Equal(("ci", "editor", "admin"), (shown.Json["name"]!.GetValue<string>(), shown.Json["role"]!.GetValue<string>(), shown.Json["createdBy"]!.GetValue<string>()));
        var secret = token.Split('.')[2];
        Assert.DoesNotContain(secret, shown.Text + (await Admin.Get("/v1/tokens")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, string.Join('|', (await host.Tokens.ReadAll()).Select(static one => one.ToString())), StringComparison.Ordinal);

        Assert.Equal("token:ci", (await host.As(token).Get("/v1/session")).Json["name"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.NoContent, (await Admin.Delete($"/v1/tokens/{id}")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.As(token).Get("/v1/services")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Admin.Delete($"/v1/tokens/{id}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Admin.Get("/v1/tokens/nonsense")).Status);
    }

    [Fact]
    public async Task A_token_that_is_expired_cut_changed_or_too_long_is_refused()
    {
        var made = await Admin.Post("/v1/tokens", """{ "name": "short", "role": "viewer", "namespaces": ["shop"], "expiresIn": "1h" }""");
        var token = made.Json["token"]!.GetValue<string>();
        Assert.Equal(HttpStatusCode.OK, (await host.As(token).Get("/v1/services")).Status);
        var changed = token[..^2] + (token[^2] == 'A' ? 'B' : 'A') + token[^1];
        foreach (var bad in (string[])[token[..^1], token + "A", changed, token[..token.LastIndexOf('.')], token + new string('A', 17_000)])
        {
            AssertRefused(await host.As(bad).Get("/v1/services"));
        }

        var stored = (await host.Tokens.ReadAll()).Single(one => one.Id == made.Json["id"]!.GetValue<string>());
        await host.Tokens.Remove(stored.Id);
        await host.Tokens.Add(stored with { ExpiresAt = TimeProvider.System.GetUtcNow().AddSeconds(-1) });
        await Eventually.Holds("the silo has read that it is expired", async () => (await host.As(token).Get("/v1/services")).Status != HttpStatusCode.OK);

        // The good ones are taken all the same.
        Assert.Equal(HttpStatusCode.OK, (await Admin.Get("/v1/services")).Status);
    }

    private static void AssertRefused(ApiHost.Answer answer) =>
        Assert.True(answer.Status is HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests, answer.Status.ToString());

    [Theory]
    [InlineData("""{ "name": "A", "role": "viewer", "namespaces": ["shop"] }""", "$.name")]
    [InlineData("""{ "name": "a", "role": "owner", "namespaces": ["shop"] }""", "$.role")]
    [InlineData("""{ "name": "a", "role": "viewer", "namespaces": [] }""", "$.namespaces")]
    [InlineData("""{ "name": "a", "role": "viewer" }""", "$.namespaces")]
    [InlineData("""{ "name": "a", "role": "viewer", "namespaces": ["Shop"] }""", "$.namespaces[0]")]
    [InlineData("""{ "name": "a", "role": "viewer", "namespaces": ["*"], "expiresIn": "9000h" }""", "$.expiresIn")]
    public async Task What_is_wrong_with_a_token_is_said(string body, string path)
    {
        var answer = await Admin.Post("/v1/tokens", body);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.StartsWith(path + ":", Assert.Single(answer.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_is_the_tokens_and_its_writes_need_what_only_a_page_of_ours_knows()
    {
        var made = await Admin.Post("/v1/tokens", """{ "name": "browser", "role": "editor", "namespaces": ["shop"] }""");
        var login = await host.As(made.Json["token"]!.GetValue<string>()).Post("/v1/session");
        Assert.Equal(HttpStatusCode.OK, login.Status);
        var cookie = login.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        var value = ("Cookie", cookie.Split(';')[0]);
        var csrf = ("mesh-csrf", login.Json["csrf"]!.GetValue<string>());
        var nobody = host.As(null);

        Assert.Equal(HttpStatusCode.OK, (await nobody.Send(HttpMethod.Get, "/v1/services", null, value)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await nobody.Send(HttpMethod.Put, "/v1/services/shop/s", "{}", value)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await nobody.Send(HttpMethod.Put, "/v1/services/shop/s", "{}", value, ("mesh-csrf", "guess"))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await nobody.Send(HttpMethod.Put, "/v1/services/shop/s", "{}", value, csrf, ("Origin", "http://evil.example"))).Status);
        Assert.Equal(HttpStatusCode.Created, (await nobody.Send(HttpMethod.Put, "/v1/services/shop/s", "{}", value, csrf)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await nobody.Send(HttpMethod.Put, "/v1/services/bank/s", "{}", value, csrf)).Status);

        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.Send(HttpMethod.Get, "/v1/services", null, ("Cookie", "mesh-session=AAAA"))).Status);
        await Admin.Delete($"/v1/tokens/{made.Json["id"]!.GetValue<string>()}");
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.Send(HttpMethod.Get, "/v1/services", null, value)).Status);
    }
}
