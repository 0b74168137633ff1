using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mesh.Silo.Tests.Api;

/// <summary>Every refusal is a problem document with the right status.</summary>
public class ProblemTests(ApiHost api) : IClassFixture<ApiHost>
{
    [Theory]
    [InlineData("/v1/nothing", 404)]
    [InlineData("/v1/services/a/b/c", 404)]
    [InlineData("/v1/planets", 404)]
    [InlineData("/v1/services/shop/none", 404)]
    [InlineData("/v1/services/Shop/web", 400)]
    [InlineData("/v1/services/shop/we_b", 400)]
    [InlineData("/v1/services/shop/a%2Fb", 400)]
    [InlineData("/v1/services/shop/web/routes/A", 400)]
    [InlineData("/v1/services/shop/web/endpoints/a%20b", 400)]
    [InlineData("/v1/services/shop/web/endpoints/%2e%2e%2f", 400)]
    [InlineData("/v1/services/shop/web/revisions/x", 400)]
    [InlineData("/v1/services/shop/web/revisions/0", 400)]
    [InlineData("/v1/services/shop/web/revisions/99999999999999999999", 400)]
    [InlineData("/v1/services?namespace=A", 400)]
    [InlineData("/v1/services?nope=1", 400)]
    [InlineData("/v1/services?watch=yes", 400)]
    [InlineData("/v1/services?watch=", 400)]
    [InlineData("/v1/services?watch=true&watch=true", 400)]
    [InlineData("/v1/services?dryRun=true", 400)]
    [InlineData("/v1/export?format=xml", 400)]
    [InlineData("/healthz?x=1", 400)]
    [InlineData("/throws", 500)]
    public async Task Reads_are_refused_with(string path, int status)
    {
        var answer = await api.Get(path);
        AssertProblem(answer, status);
        Assert.DoesNotContain("secret", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_method_is_answered_with_those_there_are()
    {
        var answer = await api.Post("/v1/services/shop/web", "{}");
        AssertProblem(answer, 405);
        Assert.Equal(["DELETE", "GET", "PUT"], answer.ContentHeaders.Allow.Order(StringComparer.Ordinal));
        AssertProblem(await api.Delete("/v1/services"), 405);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/yaml")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("garbage")]
    public async Task A_body_of_another_type_is_refused(string type) =>
        AssertProblem(await api.Put("/v1/services/shop/web", "{}", ("Content-Type", type)), 415);

    [Fact]
    public async Task A_body_without_type_or_with_an_encoding_is_refused()
    {
        using var content = new ByteArrayContent("{}"u8.ToArray());
        using var response = await api.Client.PutAsync(new Uri("/v1/services/shop/web", UriKind.Relative), content);
        AssertProblem(await ApiHost.Answer.Of(response), 415);
        AssertProblem(await api.Put("/v1/services/shop/web", "{}", ("Content-Encoding", "gzip")), 415);
    }

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/merge+json")]
    [InlineData("Application/JSON;charset=\"UTF-8\"")]
    public async Task A_body_of_JSON_by_another_name_is_taken(string type) =>
        Assert.Equal(HttpStatusCode.Created, (await api.Put("/v1/services/shop/typed?dryRun=true", "{}", ("Content-Type", type))).Status);

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        var large = $$"""{"hosts":["{{new string('a', 1024 * 1024)}}"]}""";
        AssertProblem(await api.Put("/v1/services/shop/large", large), 413);
    }

    [Fact]
    public async Task A_body_of_unknown_length_is_bounded_too()
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/v1/services/shop/large");
        request.Content = new StringContent(new string(' ', 1024 * 1024 + 1), Encoding.UTF8, "application/json");
        request.Headers.TransferEncodingChunked = true;
        using var response = await api.Client.SendAsync(request);
        AssertProblem(await ApiHost.Answer.Of(response), 413);
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "http://localhost:3000")]
    [InlineData("Origin", "null")]
    [InlineData("Host", "evil.example")]
    public async Task Writes_from_web_pages_of_others_are_refused(string header, string value) =>
        AssertProblem(await api.Put("/v1/services/shop/browser", "{}", (header, value)), 403);

    [Fact]
    public async Task Writes_from_the_own_page_are_taken()
    {
        var origin = api.Client.BaseAddress!.ToString().TrimEnd('/');
        var put = await api.Put("/v1/services/shop/browser?dryRun=true", "{}", ("Origin", origin), ("Sec-Fetch-Site", "same-origin"));
        Assert.Equal(HttpStatusCode.Created, put.Status);
    }

    [Theory]
    [InlineData("evil.example", 403)]
    [InlineData("localhost.evil.example", 403)]
    [InlineData("localhost", 200)]
    [InlineData("127.0.0.2:1", 200)]
    [InlineData("Mesh.Example", 200)]
    [InlineData("mesh.example:8443", 200)]
    [InlineData("other.mesh.example", 403)]
    [InlineData("[::1]:4180", 200)]
    public async Task On_loopback_only_loopback_names_are_answered(string host, int status) =>
        Assert.Equal(status, (int)(await api.Get("/healthz", ("Host", host))).Status);

    [Fact]
    public async Task Every_answer_forbids_sniffing()
    {
        foreach (var path in new[] { "/healthz", "/v1/nothing", "/throws", "/openapi/v1.json" })
        {
            Assert.Equal(["nosniff"], (await api.Get(path)).Headers.GetValues("X-Content-Type-Options"));
        }
    }

    [Fact]
    public async Task A_store_that_is_away_gives_503_and_the_write_may_be_stored()
    {
        await api.Put("/v1/services/shop/down", "{}");
        api.Store.IsDown = true;
        try
        {
            var put = await api.Put("/v1/services/shop/down", """{"ports":[80]}""");
            AssertProblem(put, 503);
            Assert.Equal("1", put.Headers.RetryAfter!.ToString());
            Assert.Contains("may or may not have been stored", (string)put.Json["detail"]!, StringComparison.Ordinal);
            AssertProblem(await api.Get("/readyz"), 503);
            AssertProblem(await api.Get("/v1/export"), 503);
            Assert.Equal(HttpStatusCode.OK, (await api.Get("/healthz")).Status);
            Assert.Equal(HttpStatusCode.OK, (await api.Get("/v1/services/shop/down")).Status);
        }
        finally
        {
            api.Store.IsDown = false;
        }

        Assert.Equal(HttpStatusCode.OK, (await api.Get("/readyz")).Status);
    }

    [Fact]
    public async Task A_silo_outside_its_cluster_is_not_ready()
    {
        api.Directory.IsActive = false;
        try
        {
            AssertProblem(await api.Get("/readyz"), 503);
        }
        finally
        {
            api.Directory.IsActive = true;
        }
    }

    [Fact]
    public async Task A_client_that_hangs_up_in_its_body_does_no_harm()
    {
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(IPAddress.Loopback, api.Client.BaseAddress!.Port);
            await socket.GetStream().WriteAsync(
                "PUT /v1/services/shop/half HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"u8.ToArray());
        }

        Assert.Equal(HttpStatusCode.OK, (await api.Get("/healthz")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.Get("/v1/services/shop/half")).Status);
    }

    private static void AssertProblem(ApiHost.Answer answer, int status)
    {
        Assert.Equal(status, (int)answer.Status);
        Assert.Equal("application/problem+json", answer.MediaType);
        Assert.Equal(status, (int)answer.Json["status"]!);
        foreach (var field in new[] { "type", "title", "detail", "instance" })
        {
            Assert.False(string.IsNullOrEmpty((string?)answer.Json[field]), field);
        }
    }
}
