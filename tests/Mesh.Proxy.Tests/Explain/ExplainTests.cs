using System.Net;
using System.Text;
using System.Text.Json;
using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Explain;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Explain;
using Mesh.Proxy.Tests.Hosting;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Explain;

public sealed class ExplainTests : IAsyncLifetime
{
    private ProxyHost _proxy = null!;
    private Upstream _upstream = null!;

    public async ValueTask InitializeAsync()
    {
        _proxy = await ProxyHost.StartAsync();
        _upstream = await Upstream.StartAsync(static context =>
        {
            context.Response.StatusCode = context.Request.Path == "/broken" ? 503 : 200;
            return Task.CompletedTask;
        });
        _proxy.Serve(
            "shop/web",
            new ServiceSpec
            {
                Hosts = ["web.example"],
                Routes =
                [
                    new RouteRule { Name = "all", BackendRefs = [new BackendRef { Name = "web", Weight = 3 }, new BackendRef { Name = "web-v2", Weight = 1 }] },
                    new RouteRule
                    {
                        Name = "beta",
                        Matches = [new RouteMatch { Path = new PathMatch { Value = "/api" }, Method = "GET", Headers = [new HeaderMatch { Name = "x-group", Value = "beta" }] }],
                        BackendRefs = [new BackendRef { Name = "web-v2" }],
                        Timeouts = new RouteTimeouts { Request = TimeSpan.FromSeconds(10), BackendRequest = TimeSpan.FromSeconds(2) },
                        Retry = new RetryPolicy { Attempts = 2, Codes = [503] },
                    },
                    new RouteRule
                    {
                        Name = "moved",
                        Matches = [Prefix("/old")],
                        Filters =
                        [
                            new RouteFilter
                            {
                                Type = RouteFilterType.RequestRedirect,
                                RequestRedirect = new RequestRedirect { Path = new PathModifier { Type = PathModifierType.ReplacePrefixMatch, ReplacePrefixMatch = "/new" } },
                            },
                        ],
                    },
                ],
            },
            At(_upstream.Port));
        _proxy.Serve(
            "shop/web-v2",
            new ServiceSpec { Traffic = new TrafficPolicy { LoadBalancer = new LoadBalancerPolicy { Type = LoadBalancerType.LeastRequest } } },
            At(_upstream.Port, "e1"),
            At(1, "sick") with { State = EndpointState.NotReady },
            At(2, "spare", weight: 0));
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Fact]
    public async Task Says_the_whole_decision_of_a_described_request()
    {
        var answer = await Explain("""{"authority":"web.example:80","path":"/api/x?a=b","headers":{"x-group":"beta"}}""");

        Assert.Equal("shop/web", answer.Service.ToString());
        Assert.Equal("beta", answer.Rule);
        Assert.Equal(["beta", "moved", "all"], answer.Rules!.Select(static rule => rule.Rule));
        Assert.Equal([true, false, true], answer.Rules!.Select(static rule => rule.Matches));
        Assert.Equal("the path /api/x does not have the prefix /old", answer.Rules![1].Reason);
        Assert.Equal("shop/web-v2", answer.Backend.ToString());
        Assert.Equal("leastRequest", answer.Balancer);
        Assert.Equal("e1", answer.Endpoint);
        Assert.Equal([null, "it is NotReady", "its weight is 0"], answer.Endpoints!.Select(static endpoint => endpoint.Excluded));
        Assert.Equal(TimeSpan.FromSeconds(10), answer.Limits!.RequestTimeout);
        Assert.Equal(2, answer.Limits.Retries);
        Assert.True(answer.Limits.RetryBudget > 0);
        Assert.Null(answer.Error);
    }

    [Theory]
    [InlineData("""{"authority":"web","path":"/api"}""", "there is no header x-group")]
    [InlineData("""{"authority":"web","path":"/api","headers":{"X-Group":"gamma"}}""", "the header x-group is not beta")]
    [InlineData("""{"authority":"web","path":"/api","method":"PUT","headers":{"x-group":"beta"}}""", "the method is PUT, not GET")]
    [InlineData("""{"authority":"web","path":"/apis","headers":{"x-group":"beta"}}""", "the path /apis does not have the prefix /api")]
    [InlineData("""{"authority":"web","path":"/api/%2e%2e/x","headers":{"x-group":"beta"}}""", "the path /x does not have the prefix /api")]
    public async Task Says_why_a_rule_does_not_match(string request, string reason)
    {
        var answer = await Explain(request);

        Assert.Equal(reason, answer.Rules!.Single(static rule => rule.Rule == "beta").Reason);
        Assert.Equal("all", answer.Rule);
        Assert.Equal([75, 25], answer.Backends!.Select(static backend => backend.Percent));
    }

    [Fact]
    public async Task Says_what_the_proxy_answers_by_itself()
    {
        var answer = await Explain("""{"authority":"web","path":"/old/x?a=b"}""");

        Assert.Equal("redirect to http://web/new/x?a=b", answer.Answer);
        Assert.Null(answer.Endpoint);
    }

    [Fact]
    public async Task Says_what_bounds_the_request()
    {
        _proxy.Serve(
            "shop/bound",
            new ServiceSpec
            {
                Routes =
                [
                    new RouteRule
                    {
                        Name = "all",
                        Timeouts = new RouteTimeouts { Request = TimeSpan.FromSeconds(10), Idle = TimeSpan.FromMinutes(1) },
                        Hedge = new HedgePolicy { Delay = TimeSpan.FromMilliseconds(50) },
                        RateLimit = new RuleRateLimit { Requests = 7 },
                    },
                ],
                Traffic = new TrafficPolicy
                {
                    Limits = new RequestLimits { Concurrent = 5, Pending = 2 },
                    RateLimit = new RateLimit { Requests = 100 },
                },
            },
            At(_upstream.Port));

        var limits = (await Explain("""{"authority":"bound","headers":{"mesh-timeout":"3s"}}""")).Limits!;

        Assert.Equal(TimeSpan.FromSeconds(3), limits.Deadline);
        Assert.Equal(TimeSpan.FromMinutes(1), limits.IdleTimeout);
        Assert.Equal(TimeSpan.FromMilliseconds(50), limits.HedgeDelay);
        Assert.Equal((0, 5, 0), (limits.Concurrent, limits.MaxConcurrent, limits.Pending));
        Assert.Equal(7, limits.RuleRateLimit!.Requests);
        Assert.Equal(100, limits.ServiceRateLimit!.Requests);
    }

    [Theory]
    [InlineData("""{"authority":"nobody"}""", "unknown-service: ")]
    [InlineData("""{"authority":"a:b"}""", "bad-request: ")]
    public async Task Says_why_there_is_no_way(string request, string error) =>
        Assert.StartsWith(error, (await Explain(request)).Error, StringComparison.Ordinal);

    [Fact]
    public async Task Refuses_what_is_no_request_line_by_line()
    {
        using var response = await Post("""{"authority":"web","method":"","paht":"/"}""");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(
            "$.paht: is not a known field; did you mean \"path\"?\n$.method: \"\" is not an HTTP method\n", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_real_answer_carries_how_it_came_about_when_that_is_asked_for()
    {
        Allow();

        var explanation = Read(await Send("/api", ("x-group", "beta"), ("mesh-explain", "1")));

        Assert.Equal("beta", explanation.Rule);
        Assert.Equal("e1", explanation.Endpoint);
        Assert.Equal(1, explanation.Tries);
        Assert.Null(explanation.Error);
    }

    [Fact]
    public async Task So_do_the_proxys_own_errors_and_answers_after_retries()
    {
        Allow();
        _proxy.Serve("shop/empty", new ServiceSpec());

        Assert.Equal("redirect to http://web/new", Read(await Send("/old", ("mesh-explain", "1"))).Answer);
        _proxy.Serve("shop/web-v2", new ServiceSpec());
        var refused = await Send("/api", ("x-group", "beta"), ("mesh-explain", "1"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("no-endpoints", Read(refused).Error);
    }

    [Fact]
    public async Task Nothing_is_said_where_the_namespace_does_not_allow_it() =>
        Assert.False((await Send("/api", ("mesh-explain", "1"))).Headers.Contains("mesh-explain"));

    [Fact]
    public async Task What_another_namespace_has_is_not_shown_unless_it_allows_that()
    {
        Allow();
        _proxy.Serve("bank/ledger", new ServiceSpec(), At(_upstream.Port));
        _proxy.Serve("shop/front", Rules(new RouteRule { Name = "all", BackendRefs = [new BackendRef { Name = "ledger", Namespace = "bank" }] }));
        var request = _proxy.Request(HttpMethod.Get, "front", "/");
        request.Headers.Add("mesh-explain", "1");

        var explanation = Read(await _proxy.Http1.SendAsync(request));

        Assert.Equal("bank/ledger", explanation.Backend.ToString());
        Assert.Null(explanation.Endpoints);
        Assert.Null(explanation.Endpoint);
    }

    [Fact]
    public async Task Nothing_is_said_to_those_who_do_not_ask()
    {
        Allow();

        Assert.False((await Send("/api")).Headers.Contains("mesh-explain"));
    }

    [Fact]
    public void A_header_stays_short_whatever_there_is_to_say()
    {
        var long1 = new string('ä', 500);
        var text = ExplainHeader.Write(new Explanation
        {
            Proxy = "p",
            Rule = "r20",
            Rules = [.. Enumerable.Range(0, 20).Select(i => new RuleExplanation { Rule = $"r{i}", Match = 0, Matches = i == 19, Reason = long1 })],
        });

        Assert.InRange(text.Length, 10, 6_000);
        Assert.InRange(ExplainHeader.Write(new Explanation { Proxy = "p", Answer = new string('&', 5_000) }).Length, 10, 6_000);
        Assert.All(text, static c => Assert.InRange(c, ' ', '~'));
        Assert.Equal("r20", MeshJson.Decode<Explanation>(Encoding.UTF8.GetBytes(text)).Rule);
    }

    private void Allow() =>
        _proxy.Serve("shop/namespace-settings", new ServiceSpec { NamespaceSettings = new NamespaceSettings { AllowExplain = true } });

    private static Explanation Read(HttpResponseMessage response) =>
        MeshJson.Decode<Explanation>(Encoding.UTF8.GetBytes(response.Headers.GetValues("mesh-explain").Single()));

    private Task<HttpResponseMessage> Send(string path, params (string Name, string Value)[] headers)
    {
        var request = _proxy.Request(HttpMethod.Get, "web", path);
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return _proxy.Http1.SendAsync(request);
    }

    private Task<HttpResponseMessage> Post(string request) =>
        _proxy.Http1.PostAsync(new Uri(_proxy.Addresses.Admin, "/explain"), new StringContent(request, Encoding.UTF8, "application/json"));

    private async Task<Explanation> Explain(string request)
    {
        using var response = await Post(request);
        var body = await response.Content.ReadAsByteArrayAsync();
        Assert.True(response.IsSuccessStatusCode, Encoding.UTF8.GetString(body));
        return MeshJson.Decode<Explanation>(body);
    }
}
