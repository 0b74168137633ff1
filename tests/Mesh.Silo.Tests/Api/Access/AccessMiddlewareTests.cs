using System.Net;
using Mesh.Abstractions.Access;
using Mesh.Silo.Api.Access;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Silo.Tests.Api.Access;

public sealed class AccessMiddlewareTests(SecuredApiHost host) : IClassFixture<SecuredApiHost>
{
    private static readonly string[] Open = ["/healthz", "/readyz", "/v1/gateways", "/v1/identity/bundle", "/openapi/v1.json", "/docs/"];

    [Fact]
    public void Every_endpoint_says_what_it_needs()
    {
        var endpoints = host.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(static endpoint => endpoint.RoutePattern.RawText != "/throws").ToList();

        Assert.True(endpoints.Count > 30);
        Assert.All(endpoints, static endpoint => Assert.True(endpoint.Metadata.GetMetadata<ApiNeed>() is not null, endpoint.DisplayName));
    }

    [Fact]
    public async Task Nobody_gets_more_than_what_is_open()
    {
        foreach (var path in Open)
        {
            Assert.Equal(HttpStatusCode.OK, (await host.As(null).Get(path)).Status);
        }

        foreach (var (method, path) in Closed())
        {
            var answer = await host.As(null).Send(method, path, method == HttpMethod.Get ? null : "{}");
            Assert.True(answer.Status == HttpStatusCode.Unauthorized, $"{method} {path}: {answer.Status}");
            Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.ToString());
        }

        // What nobody has thought of needs everything.
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.As(null).Get("/throws")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await host.As(await host.Token("viewer", "*")).Get("/throws")).Status);
    }

    [Fact]
    public async Task A_method_that_there_is_not_is_said_to_those_who_are_known()
    {
        var answer = await host.As(await host.Token("viewer", "shop")).Post("/v1/services/shop/web", "{}");

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.Status);
        Assert.NotEmpty(answer.ContentHeaders.Allow);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.As(null).Post("/v1/services/shop/web", "{}")).Status);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("mesh-api.0123456789abcdef.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("mesh-api.0123456789abcdef.short")]
    [InlineData("")]
    public async Task A_token_that_is_none_is_refused(string token)
    {
        var answer = await host.As(null).Send(HttpMethod.Get, "/v1/services", null, ("Authorization", $"Bearer {token}"));

        Assert.True(answer.Status is HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests);
        Assert.DoesNotContain("nonsense", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_viewer_changes_nothing_by_any_endpoint()
    {
        await host.As(SecuredApiHost.Admin).Put("/v1/services/shop/web", "{}");
        var viewer = host.As(await host.Token("viewer", "shop"));
        var before = host.Store.Writes;

        foreach (var (method, path) in Closed().Where(static one => one.Method != HttpMethod.Get && one.Path is not ("/v1/explain" or "/v1/session")))
        {
            var answer = await viewer.Send(method, path, path == "/v1/apply" ? Document("shop") : "{}");
            Assert.True(answer.Status == HttpStatusCode.Forbidden, $"{method} {path}: {answer.Status} {answer.Text}");
        }

        Assert.Equal(before, host.Store.Writes);
        Assert.Equal(HttpStatusCode.OK, (await viewer.Get("/v1/services/shop/web")).Status);
    }

    [Fact]
    public async Task An_editor_of_one_namespace_sees_and_changes_nothing_of_another()
    {
        var admin = host.As(SecuredApiHost.Admin);
        await admin.Put("/v1/services/bank/vault", "{}");
        var editor = host.As(await host.Token("editor", "shop"));

        Assert.Equal(HttpStatusCode.Created, (await editor.Put("/v1/services/shop/cart", "{}")).Status);
        foreach (var (method, path) in Closed("bank", "vault").Where(static one => one.Path.Contains("/bank", StringComparison.Ordinal)))
        {
            var answer = await editor.Send(method, path, method == HttpMethod.Get ? null : "{}");
            Assert.True(answer.Status == HttpStatusCode.Forbidden, $"{method} {path}: {answer.Status}");
            Assert.Contains("token:editor-of-tests lacks the role", answer.Text, StringComparison.Ordinal);
        }

        var mixed = await editor.Post("/v1/apply", $"[{Document("shop", "good")},{Document("bank", "bad")}]");
        Assert.Equal(HttpStatusCode.Forbidden, mixed.Status);
        Assert.Equal(HttpStatusCode.NotFound, (await editor.Get("/v1/services/shop/good")).Status);
        Assert.Equal(HttpStatusCode.OK, (await editor.Post("/v1/apply", Document("shop", "good"))).Status);

        Assert.DoesNotContain("vault", (await editor.Get("/v1/services")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("vault", (await editor.Get("/v1/export")).Text, StringComparison.Ordinal);
        Assert.Contains("cart", (await editor.Get("/v1/export")).Text, StringComparison.Ordinal);
        Assert.Contains("vault", (await admin.Get("/v1/export")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_admin_of_one_namespace_makes_join_tokens_of_it_and_nothing_of_all()
    {
        var admin = host.As(await host.Token("admin", "shop"));

        Assert.Equal(HttpStatusCode.Created, (await admin.Post("/v1/identity/tokens", """{ "service": "shop/web" }""")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await admin.Post("/v1/identity/tokens", """{ "service": "bank/vault" }""")).Status);
        Assert.Equal(HttpStatusCode.Created, (await admin.Put("/v1/namespaces/shop", "{}")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await admin.Put("/v1/namespaces/bank", "{}")).Status);

        var others = (await host.As(SecuredApiHost.Admin).Post("/v1/identity/tokens", """{ "service": "bank/vault" }""")).Json["id"]!.GetValue<string>();
        Assert.DoesNotContain(others, (await admin.Get("/v1/identity/tokens")).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.Delete($"/v1/identity/tokens/{others}")).Status);

        foreach (var path in (string[])["/v1/tokens", "/v1/audit"])
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await admin.Get(path)).Status);
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await admin.Post("/v1/identity/rotate", "{}")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await admin.Post("/v1/tokens", """{ "name": "x", "role": "viewer", "namespaces": ["shop"] }""")).Status);
    }

    [Fact]
    public async Task Who_changed_something_is_in_the_revision_and_in_the_audit_log()
    {
        var editor = host.As(await host.Token("editor", "shop"));
        await editor.Put("/v1/services/shop/seen", "{}");

        Assert.Equal("token:editor-of-tests", (await editor.Get("/v1/services/shop/seen/revisions")).Json["items"]![0]!["by"]!.GetValue<string>());
        await Eventually.Holds("the audit log has it", async () =>
            (await host.As(SecuredApiHost.Admin).Get("/v1/audit?namespace=shop")).Text.Contains("token:editor-of-tests", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_watch_ends_with_its_token()
    {
        await host.As(SecuredApiHost.Admin).Put("/v1/services/shop/watched", "{}");
        var token = await host.Token("viewer", "shop");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/services/shop/watched?watch=true") { Headers = { Authorization = new("Bearer", token) } };
        using var response = await host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var stream = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.StartsWith("id:", await stream.ReadLineAsync(), StringComparison.Ordinal);

        await host.As(SecuredApiHost.Admin).Delete($"/v1/tokens/{token.Split('.')[1]}");

        await stream.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(15), TimeProvider.System);
    }

    [Fact]
    public async Task A_watch_of_what_is_open_goes_on_without_a_token()
    {
        await using var events = await EventReader.Open(host.Client, "/v1/gateways?watch=true");
        await events.Next();
        var before = host.Directory.Current;
        try
        {
            host.Directory.Current = before with { ClusterId = "changed" };
            Assert.Contains("changed", (await events.Next()).Data, StringComparison.Ordinal);
        }
        finally
        {
            host.Directory.Current = before;
        }
    }

    private static string Document(string space, string name = "web") => $$"""{ "namespace": "{{space}}", "name": "{{name}}", "spec": {} }""";

    /// <summary>Every endpoint that is not open, with a path.</summary>
    private IEnumerable<(HttpMethod Method, string Path)> Closed(string space = "shop", string name = "web") =>
        host.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(static endpoint => endpoint.RoutePattern.RawText != "/throws" && endpoint.Metadata.GetMetadata<ApiNeed>()?.Role is not null)
            .SelectMany(endpoint => endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods.Select(method => (new HttpMethod(method), endpoint.RoutePattern.RawText!
                .Replace("{namespace}", space, StringComparison.Ordinal)
                .Replace("{name}", name, StringComparison.Ordinal)
                .Replace("{rule}", "all", StringComparison.Ordinal)
                .Replace("{id}", "e1", StringComparison.Ordinal)
                .Replace("{revision}", "1", StringComparison.Ordinal)
                .Replace("{proxy}", "p", StringComparison.Ordinal)
                .Replace("{token}", "0123456789abcdef", StringComparison.Ordinal))));
}
