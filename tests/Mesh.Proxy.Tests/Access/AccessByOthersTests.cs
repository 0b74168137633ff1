using System.Net;
using Mesh.Abstractions.Access;
using Mesh.Proxy.Tests.Access.Tokens;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;

namespace Mesh.Proxy.Tests.Access;

/// <summary>Who may call, by what token issuers and authorization servers say.</summary>
public sealed class AccessByOthersTests : AccessTestBase
{
    [Fact]
    public async Task Claims_of_a_token_let_in_and_a_token_that_is_not_good_never_does()
    {
        await using var issuer = await TokenIssuer.StartAsync();
        var rule = new AccessRule { Name = "ann", Action = AccessAction.Allow, From = new AccessSource { Claims = [new ClaimMatch { Name = "sub", Values = ["ann"] }] } };
        var policy = new AccessPolicy { Jwt = [issuer.Spec], Rules = [rule] };
        Serve(policy);
        Assert.Equal(HttpStatusCode.OK, (await WithToken(Token(issuer, "ann"))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await WithToken(Token(issuer, "bob"))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await WithToken(null)).StatusCode);
        using (var refused = await WithToken(Token(issuer, "ann") + "x"))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.Equal("unauthenticated", refused.Headers.GetValues("mesh-error").Single());
            Assert.Equal("Bearer error=\"invalid_token\"", refused.Headers.WwwAuthenticate.ToString());
        }

        Serve(policy with { Audit = true });
        Assert.Equal(HttpStatusCode.OK, (await WithToken(Token(issuer, "ann") + "x")).StatusCode);

        Serve(policy with { Jwt = [issuer.Spec with { Jwks = "http://127.0.0.1:1/keys" }] });
        using var unknown = await WithToken(Token(issuer, "ann"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, unknown.StatusCode);
        Assert.Equal("authorization-unavailable", unknown.Headers.GetValues("mesh-error").Single());
    }

    [Fact]
    public async Task A_server_that_is_asked_has_the_last_word_about_what_the_rules_let_in()
    {
        var asked = 0;
        await using var server = await Upstream.StartAsync(context =>
        {
            Interlocked.Increment(ref asked);
            context.Response.StatusCode = context.Request.Headers["x-forwarded-uri"] == "/open" ? 200 : 403;
            Assert.Contains(ProxyPair.Caller, context.Request.Headers["x-forwarded-client-cert"].ToString(), StringComparison.Ordinal);
            return Task.CompletedTask;
        });
        var external = new ExternalAuthorization { Url = $"http://127.0.0.1:{server.Port}/", Timeout = TimeSpan.FromSeconds(5) };
        Serve(new AccessPolicy { External = external });
        Assert.Equal(HttpStatusCode.OK, (await Get("/open")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await Get("/closed")).Status);
        Assert.Equal(2, asked);

        Serve(new AccessPolicy { External = external, Rules = [DenyCaller] });
        Assert.Equal(HttpStatusCode.Forbidden, (await Get("/open")).Status);
        Assert.Equal(2, asked);

        Serve(new AccessPolicy { External = external with { Url = "http://127.0.0.1:1/", FailOpen = true } });
        Assert.Equal(HttpStatusCode.OK, (await Get("/open")).Status);
        Assert.Contains("mesh_access_unasked_total 1", await To.AdminAsync("/metrics"), StringComparison.Ordinal);
        Serve(new AccessPolicy { External = external with { Url = "http://127.0.0.1:1/" } });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await Get("/open")).Status);
    }

    [Fact]
    public async Task A_change_applies_to_a_request_that_waits_for_the_server()
    {
        var asked = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        await using var server = await Upstream.StartAsync(async _ =>
        {
            asked.TrySetResult();
            await answer.Task;
        });
        Serve(new AccessPolicy { External = new ExternalAuthorization { Url = $"http://127.0.0.1:{server.Port}/", Timeout = TimeSpan.FromSeconds(10) } });
        var waiting = Get();
        await asked.Task.WaitAsync(Eventually.Deadline, Time);

        Serve(new AccessPolicy { Rules = [DenyCaller] });
        answer.SetResult();

        Assert.Equal(HttpStatusCode.Forbidden, (await waiting).Status);
    }

    [Fact]
    public async Task A_request_is_counted_once_whatever_was_found()
    {
        await using var issuer = await TokenIssuer.StartAsync();
        await using var server = await Upstream.StartAsync(static context =>
        {
            context.Response.StatusCode = 403;
            return Task.CompletedTask;
        });
        var policy = new AccessPolicy
        {
            Audit = true,
            Jwt = [issuer.Spec],
            External = new ExternalAuthorization { Url = $"http://127.0.0.1:{server.Port}/", Timeout = TimeSpan.FromSeconds(10) },
        };
        Serve(policy);
        Assert.Equal(HttpStatusCode.OK, (await WithToken("no token")).StatusCode);
        Serve(policy with { Audit = null });
        Assert.Equal(HttpStatusCode.Forbidden, (await WithToken(null)).StatusCode);

        var metrics = await To.AdminAsync("/metrics");
        Assert.Contains("mesh_access_decisions_total{decision=\"allowed\",rule=\"\"} 0", metrics, StringComparison.Ordinal);
        Assert.Contains("mesh_access_decisions_total{decision=\"audited\",rule=\"\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("mesh_access_decisions_total{decision=\"denied\",rule=\"\"} 1", metrics, StringComparison.Ordinal);
    }

    private static string Token(TokenIssuer issuer, string subject) =>
        issuer.Rs256(new { iss = TokenIssuer.Name, aud = "web", sub = subject, exp = Time.GetUtcNow().ToUnixTimeSeconds() + 600 });

    private async Task<HttpResponseMessage> WithToken(string? token)
    {
        using var request = From.Request(HttpMethod.Get, "web", "/");
        if (token is not null)
        {
            request.Headers.Authorization = new("Bearer", token);
        }

        return await From.Http1.SendAsync(request);
    }
}
