using System.Net;
using Grpc.Core;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Filters;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Filters;

/// <summary>Redirects, fixed responses, rewrites and CORS over connections.</summary>
public sealed class FilterTests : FilterTestBase
{
    [Fact]
    public async Task Redirects_without_an_endpoint()
    {
        Serve(FreePort.Next(), new RouteFilter
        {
            Type = RouteFilterType.RequestRedirect,
            RequestRedirect = new RequestRedirect { Scheme = "https", Hostname = "shop.example", StatusCode = 308 },
        });

        using var answer = await Proxy.Http1.SendAsync(Proxy.Request(HttpMethod.Post, "web", "/a%2Fb?c", new StringContent("body")));

        Assert.Equal(HttpStatusCode.PermanentRedirect, answer.StatusCode);
        Assert.Equal("https://shop.example/a%2Fb?c", answer.Headers.Location!.OriginalString);
        Assert.Equal(0, answer.Content.Headers.ContentLength);
        Assert.False(answer.Headers.Contains("mesh-error"));
        Assert.Equal(1, CountOf(FilterAction.Redirect));
    }

    [Theory]
    [InlineData("GET", "busy, come back")]
    [InlineData("HEAD", "")]
    public async Task Answers_with_a_fixed_response(string method, string body)
    {
        Serve(FreePort.Next(), Direct(503, "busy, come back", "text/x-note"));

        using var answer = await Proxy.Http1.SendAsync(Proxy.Request(new HttpMethod(method), "web", "/"));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("text/x-note", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal(15, answer.Content.Headers.ContentLength);
        Assert.Equal(body, await answer.Content.ReadAsStringAsync());
        Assert.False(answer.Headers.Contains("mesh-error"));
        Assert.Equal(1, CountOf(FilterAction.DirectResponse));
    }

    [Theory]
    [InlineData(204)]
    [InlineData(304)]
    [InlineData(200)]
    public async Task A_fixed_response_may_have_no_body(int status)
    {
        Serve(FreePort.Next(), Direct(status, null));

        for (var i = 0; i < 2; i++)
        {
            using var answer = await Proxy.GetAsync("web");
            Assert.Equal(status, (int)answer.StatusCode);
            Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task A_gRPC_caller_gets_a_fixed_response_as_a_status()
    {
        Serve(FreePort.Next(), Direct(503, "closed"));

        using var channel = Proxy.Grpc("web");
        var failure = await Assert.ThrowsAsync<RpcException>(
            () => channel.CreateCallInvoker().AsyncUnaryCall(EchoGrpc.Unary, null, default, "x").ResponseAsync);

        Assert.Equal((StatusCode.Unavailable, "closed"), (failure.StatusCode, failure.Status.Detail));
    }

    [Fact]
    public async Task Rewrites_host_and_path_of_what_the_endpoint_is_asked_for()
    {
        await using var upstream = await Upstream.StartAsync(context => context.Response.WriteAsync($"{context.Request.Host}{context.Request.Path}{context.Request.QueryString}"));
        Proxy.Serve("shop/web", Rules(Rule("all", Prefix("/api")) with { Filters = [Rewrite("inner.example", "/v1")] }), At(upstream.Port));

        using var answer = await Proxy.GetAsync("web", "/api/items?x=/api");

        Assert.Equal("inner.example/v1/items?x=/api", await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(ServiceProtocol.Http2)]
    [InlineData(ServiceProtocol.Http)]
    public async Task A_retried_request_is_rewritten_once(ServiceProtocol protocol)
    {
        await using var upstream = await Upstream.StartAsync(context => context.Response.WriteAsync($"{context.Request.Host}{context.Request.Path}"), protocol);
        Proxy.Serve(
            "shop/web",
            Rules(Rule("all", Prefix("/api")) with { Filters = [Rewrite("inner.example", "/api/api")] }) with { Protocol = protocol },
            At(FreePort.Next(), "dead"), At(upstream.Port, "alive"));

        for (var i = 0; i < 10; i++)
        {
            using var answer = await Proxy.GetAsync("web", "/api/x");
            Assert.Equal("inner.example/api/api/x", await answer.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task Filters_of_a_backend_come_after_those_of_the_rule_and_hold_for_it_alone()
    {
        await using var upstream = await Upstream.StartAsync(context =>
        {
            context.Response.Headers["x-seen"] = $"{context.Request.Path} {context.Request.Headers["x-a"]}|{context.Request.Headers["x-b"]}";
            return Task.CompletedTask;
        });
        Proxy.Serve("shop/other", new ServiceSpec(), At(upstream.Port));
        Proxy.Serve("shop/web", Rules(Rule("all") with
        {
            Filters = [Set("x-a", "rule"), Rewrite("inner.example", "/rule")],
            BackendRefs =
            [
                new BackendRef { Name = "web" },
                new BackendRef { Name = "other", Filters = [new RouteFilter
                {
                    Type = RouteFilterType.RequestHeaderModifier,
                    RequestHeaderModifier = new HeaderModifier
                    {
                        Set = [new HeaderValue { Name = "x-a", Value = "backend" }],
                        Add = [new HeaderValue { Name = "x-b", Value = "backend" }],
                    },
                }] },
            ],
        }), At(upstream.Port));

        var seen = new HashSet<string>();
        for (var i = 0; i < 40; i++)
        {
            using var answer = await Proxy.GetAsync("web", "/x");
            seen.Add(answer.Headers.GetValues("x-seen").Single());
        }

        Assert.Equal(["/rule/x backend|backend", "/rule/x rule|"], seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Answers_a_preflight_in_place_of_the_endpoint()
    {
        Serve(FreePort.Next(), Cors());
        var request = Proxy.Request(HttpMethod.Options, "web", "/");
        request.Headers.Add("origin", "https://shop.example");
        request.Headers.Add("access-control-request-method", "PUT");

        using var answer = await Proxy.Http1.SendAsync(request);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal("https://shop.example", answer.Headers.GetValues("access-control-allow-origin").Single());
        Assert.Equal("PUT", answer.Headers.GetValues("access-control-allow-methods").Single());
        Assert.Equal(1, CountOf(FilterAction.Preflight));
    }

    [Fact]
    public async Task Replaces_the_endpoints_own_CORS_headers()
    {
        await using var upstream = await Upstream.StartAsync(context =>
        {
            context.Response.Headers.AccessControlAllowOrigin = "*";
            context.Response.Headers.AccessControlAllowCredentials = "true";
            return context.Response.WriteAsync("ok");
        });
        Serve(upstream.Port, Cors());

        using var answer = await FromOrigin("https://shop.example");
        Assert.Equal("https://shop.example", answer.Headers.GetValues("access-control-allow-origin").Single());
        Assert.False(answer.Headers.Contains("access-control-allow-credentials"));
        Assert.Equal("Origin", answer.Headers.Vary.Single());

        using var other = await FromOrigin("https://evil.example");
        Assert.Equal("ok", await other.Content.ReadAsStringAsync());
        Assert.False(other.Headers.Contains("access-control-allow-origin"));
    }

    [Fact]
    public async Task A_page_can_read_the_proxys_own_errors()
    {
        Serve(FreePort.Next(), Cors());

        using var answer = await FromOrigin("https://shop.example");

        Assert.Equal("connect-failed", answer.Headers.GetValues("mesh-error").Single());
        Assert.Equal("https://shop.example", answer.Headers.GetValues("access-control-allow-origin").Single());
    }

    [Fact]
    public async Task A_page_can_read_that_it_asks_too_often()
    {
        await using var upstream = await Upstream.NamedAsync("ok");
        Proxy.Serve("shop/web", Rules(Rule("all") with
        {
            Filters = [Cors()],
            RateLimit = new RuleRateLimit { Requests = 1, Per = TimeSpan.FromHours(1) },
        }), At(upstream.Port));
        (await FromOrigin("https://shop.example")).Dispose();

        using var answer = await FromOrigin("https://shop.example");

        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.Equal("https://shop.example", answer.Headers.GetValues("access-control-allow-origin").Single());
    }

    [Fact]
    public async Task A_backend_that_does_not_exist_gets_its_share_of_errors()
    {
        await using var upstream = await Upstream.NamedAsync("here");
        Proxy.Serve("shop/web", Rules(Rule("all") with
        {
            BackendRefs = [new BackendRef { Name = "web", Weight = 3 }, new BackendRef { Name = "nowhere", Weight = 1 }],
        }), At(upstream.Port));

        var missing = 0;
        for (var i = 0; i < 400; i++)
        {
            using var answer = await Proxy.GetAsync("web");
            missing += answer.StatusCode == HttpStatusCode.InternalServerError ? 1 : 0;
            Assert.Equal(answer.IsSuccessStatusCode, !answer.Headers.Contains("mesh-error"));
        }

        Assert.InRange(missing, 60, 140);
        Assert.Equal(missing, Proxy.Table.GetOrAdd(new("shop", "web")).Errors.CountOf(ProxyError.NoBackend));
    }

    [Fact]
    public async Task Says_what_filters_did()
    {
        Serve(FreePort.Next(), Direct(200, "ok"));
        (await Proxy.GetAsync("web")).Dispose();
        Serve(FreePort.Next(), Direct(200, "still"));
        (await Proxy.GetAsync("web")).Dispose();

        var metrics = await Proxy.AdminAsync("/metrics");

        PrometheusText.AssertValid(metrics);
        Assert.Contains("mesh_filter_actions_total{service=\"shop/web\",rule=\"all\",action=\"directResponse\"} 2\n", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Subsets_of_a_service_have_series_of_their_own()
    {
        await using var upstream = await Upstream.NamedAsync("here");
        Proxy.Serve("shop/web", Rules(Rule("all") with
        {
            BackendRefs =
            [
                new BackendRef { Name = "web", Labels = new Dictionary<string, string> { ["version"] = "1" } },
                new BackendRef { Name = "web", Labels = new Dictionary<string, string> { ["version"] = "2" } },
            ],
        }), At(upstream.Port));

        var metrics = await Proxy.AdminAsync("/metrics");

        PrometheusText.AssertValid(metrics);
        Assert.Contains("backend=\"shop/web\",subset=\"version=1\"", metrics, StringComparison.Ordinal);
        Assert.Contains("backend=\"shop/web\",subset=\"version=2\"", metrics, StringComparison.Ordinal);
    }

    private static RouteFilter Direct(int status, string? body, string type = "text/plain") => new()
    {
        Type = RouteFilterType.DirectResponse,
        DirectResponse = new DirectResponse { Status = status, Body = body, ContentType = type },
    };

    private static RouteFilter Rewrite(string host, string prefix) => new()
    {
        Type = RouteFilterType.UrlRewrite,
        UrlRewrite = new UrlRewrite { Hostname = host, Path = new PathModifier { Type = PathModifierType.ReplacePrefixMatch, ReplacePrefixMatch = prefix } },
    };

    private static RouteFilter Set(string name, string value) => new()
    {
        Type = RouteFilterType.RequestHeaderModifier,
        RequestHeaderModifier = new HeaderModifier { Set = [new HeaderValue { Name = name, Value = value }] },
    };

    private static RouteFilter Cors() => new()
    {
        Type = RouteFilterType.Cors,
        Cors = new CorsPolicy { AllowOrigins = ["https://shop.example"], AllowMethods = ["PUT"] },
    };

    private Task<HttpResponseMessage> FromOrigin(string origin)
    {
        var request = Proxy.Request(HttpMethod.Get, "web", "/");
        request.Headers.Add("origin", origin);
        return Proxy.Http1.SendAsync(request);
    }
}
