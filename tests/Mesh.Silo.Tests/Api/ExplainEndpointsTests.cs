using System.Net;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Proxies;

namespace Mesh.Silo.Tests.Api;

public class ExplainEndpointsTests(ApiHost api) : IClassFixture<ApiHost>
{
    [Fact]
    public async Task Asks_the_proxy_that_uses_the_service()
    {
        api.Directory.Proxies = [Proxy("a"), Proxy("b", new ServiceName("shop", "web")), Proxy("c")];

        var answer = await api.Post("/v1/explain", """{"authority":"web.shop","method":"POST","headers":{"x-group":"beta"}}""");

        Assert.Equal("""{"proxy":"b","rule":"all"}""", answer.Text.Trim());
        Assert.Equal("POST", api.Directory.Explained!.Method);
        Assert.Equal("beta", api.Directory.Explained.Headers["x-group"]);
    }

    [Fact]
    public async Task Asks_the_proxy_it_is_told_to()
    {
        api.Directory.Proxies = [Proxy("a"), Proxy("b")];

        Assert.Equal("b", (string)(await api.Post("/v1/explain", """{"authority":"web","proxy":"b"}""")).Json["proxy"]!);
    }

    [Theory]
    [InlineData("gone")]
    [InlineData("unheard-of")]
    public async Task Says_when_there_is_no_such_proxy(string proxy)
    {
        api.Directory.Proxies = [Proxy("a"), Proxy("gone") with { Connected = false }];

        Assert.Equal(HttpStatusCode.NotFound, (await api.Post("/v1/explain", $$"""{"authority":"web","proxy":"{{proxy}}"}""")).Status);
    }

    [Fact]
    public async Task Says_when_the_proxy_does_not_answer()
    {
        api.Directory.Proxies = [Proxy("mute")];

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await api.Post("/v1/explain", """{"authority":"web"}""")).Status);
    }

    [Fact]
    public async Task Refuses_what_is_no_request()
    {
        var answer = await api.Post("/v1/explain", """{"authority":"","method":"G T","path":"x","headers":{"a b":"c"},"source":"here"}""");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Equal(
            ["$.authority", "$.method", "$.path", "$.headers['a b']", "$.source"],
            answer.Errors.Select(static error => error[..error.IndexOf(": ", StringComparison.Ordinal)]));
    }

    private static ProxyView Proxy(string id, params ServiceName[] services) => new()
    {
        Proxy = new ProxyInfo { Id = id, Namespace = "shop", Version = "1" },
        Gateway = "S1",
        LastSeenAt = DateTimeOffset.UnixEpoch,
        Connected = true,
        Subscriptions = [.. services.Select(static service => new ProxySubscriptionView { Service = service, CurrentRevision = 1, AppliedRevision = 1 })],
    };
}
