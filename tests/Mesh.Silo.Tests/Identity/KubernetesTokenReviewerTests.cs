using System.Text.Json.Nodes;
using Mesh.Abstractions.Naming;
using Mesh.Grains.Identity;
using Mesh.Silo.Identity;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mesh.Silo.Tests.Identity;

public sealed class KubernetesTokenReviewerTests : IAsyncLifetime
{
    private readonly string _url = $"http://127.0.0.1:{FreePort.Next()}";
    private readonly string _tokenFile = Path.GetTempFileName();
    private WebApplication _server = null!;
    private string _answer = "";
    private int _status = 201;
    private JsonNode? _asked;
    private string? _authorization;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_tokenFile, "the silo's own\n");
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(_url);
        builder.Logging.ClearProviders();
        _server = builder.Build();
        _server.MapPost("/apis/authentication.k8s.io/v1/tokenreviews", async context =>
        {
            _authorization = context.Request.Headers.Authorization;
            _asked = await JsonNode.ParseAsync(context.Request.Body);
            context.Response.StatusCode = _status;
            await context.Response.WriteAsync(_answer);
        });
        await _server.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        File.Delete(_tokenFile);
    }

    [Fact]
    public async Task An_account_is_the_service_of_its_name()
    {
        Assert.Equal(ServiceName.Parse("shop/web"), await Review("system:serviceaccount:shop:web"));
        Assert.Equal("Bearer the silo's own", _authorization);
        Assert.Equal("the proxy's", (string)_asked!["spec"]!["token"]!);
        Assert.Equal("""["mesh"]""", _asked["spec"]!["audiences"]!.ToJsonString());
    }

    [Theory]
    [InlineData("system:node:shop:web")]
    [InlineData("admin")]
    [InlineData("system:serviceaccount:shop:web:more")]
    [InlineData("system:serviceaccount:shop:a.dotted.account")]
    public async Task Others_are_no_services(string name) => Assert.Null(await Review(name));

    [Fact]
    public async Task A_token_that_is_not_authenticated_or_meant_for_others_is_refused()
    {
        Assert.Null(await Review("system:serviceaccount:shop:web", isAuthenticated: false));
        Assert.Null(await Review("system:serviceaccount:shop:web", audiences: """["api"]"""));
        Assert.Null(await Review("system:serviceaccount:shop:web", audiences: "null"));
        _answer = "{}";
        Assert.Null(await Review());
    }

    [Theory]
    [InlineData(403, "{}", "system:auth-delegator")]
    [InlineData(201, "no json", "could not be asked")]
    [InlineData(201, """{"status":{"authenticated":"yes"}}""", "could not be asked")]
    [InlineData(302, "{}", "302")]
    public async Task A_server_that_does_not_answer_well_is_named(int status, string answer, string expected)
    {
        (_status, _answer) = (status, answer);
        var exception = await Assert.ThrowsAsync<AuthorityException>(Review);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.Contains("Mesh:Identity:Kubernetes:Url", exception.Message, StringComparison.Ordinal);
    }

    private Task<ServiceName?> Review(string name, bool isAuthenticated = true, string audiences = """["mesh"]""")
    {
        _answer = new JsonObject
        {
            ["status"] = new JsonObject
            {
                ["authenticated"] = isAuthenticated,
                ["audiences"] = JsonNode.Parse(audiences),
                ["user"] = new JsonObject { ["username"] = name },
            },
        }.ToJsonString();
        return Review();
    }

    private async Task<ServiceName?> Review()
    {
        using var reviewer = new KubernetesTokenReviewer(new IdentityOptions.KubernetesOptions { Url = _url, TokenFile = _tokenFile });
        return await reviewer.Review("the proxy's", TestContext.Current.CancellationToken);
    }
}
