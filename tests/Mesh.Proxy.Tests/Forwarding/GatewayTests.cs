using System.Net;
using System.Net.WebSockets;
using System.Text;
using Grpc.Core;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;
using static Mesh.Proxy.Tests.Regions.Reaches;

namespace Mesh.Proxy.Tests.Forwarding;

/// <summary>A proxy of region eu that reaches region us through the gateways there.</summary>
public sealed class GatewayTests : IAsyncLifetime
{
    private ProxyHost _caller = null!;
    private ProxyHost _gateway = null!;
    private Upstream _application = null!;

    public async ValueTask InitializeAsync()
    {
        _application = await Upstream.StartAsync(static context => context.Response.WriteAsync(
            $"{context.Request.Host}{context.Request.Path} {context.Request.Headers["mesh-backend"]} {context.Request.Headers["mesh-timeout"]}"));
        _caller = await ProxyHost.StartAsync(configure: static options => options with { Place = new ProxyPlace("eu") });
        _gateway = await Gateway();
        _caller.Table.UseRegions([Via("us")]);
        _caller.Serve("mesh/gateway", new ServiceSpec(), In("us", "g1", _gateway.Addresses.Inbound!.Port));
    }

    public async ValueTask DisposeAsync()
    {
        await _caller.DisposeAsync();
        await _gateway.DisposeAsync();
        await _application.DisposeAsync();
    }

    [Fact]
    public async Task A_request_reaches_the_other_regions_application_as_its_rules_made_it()
    {
        var rewrite = new RouteFilter
        {
            Type = RouteFilterType.UrlRewrite,
            UrlRewrite = new UrlRewrite { Hostname = "inside.example", Path = new PathModifier { Type = PathModifierType.ReplacePrefixMatch, ReplacePrefixMatch = "/v2" } },
        };
        _caller.Serve("shop/web", Rules(Rule("all", Prefix("/api")) with { BackendRefs = [new BackendRef { Name = "web-v2" }], Filters = [rewrite] }));
        _caller.Serve("shop/web-v2", new ServiceSpec(), In("us", "a", 1));

        // Rules of the other region play no part: they have been applied.
        _gateway.Serve("shop/web-v2", Rules(Rule("none", Prefix("/never"))), In("us", "a", _application.Port));

        Assert.Equal("inside.example/v2/x  ", await Body("web", "/api/x"));
    }

    [Fact]
    public async Task A_gateway_uses_endpoints_of_its_own_region_with_the_labels_asked_for()
    {
        await using var second = await Upstream.NamedAsync("second");
        var split = new BackendRef { Name = "web", Labels = new Dictionary<string, string> { ["version"] = "2" } };
        _caller.Serve("shop/web", Rules(Rule("all") with { BackendRefs = [split] }), In("us", "a", 1, 1, ("version", "2")), In("us", "b", 1, 1, ("version", "1")));
        _gateway.Serve("shop/web", new ServiceSpec(),
            In("us", "a", second.Port, 1, ("version", "2")), In("us", "b", 1, 1, ("version", "1")), In("eu", "c", 1, 100, ("version", "2")), In("ap", "d", 1, 100, ("version", "2")));

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("second", await Body("web"));
        }
    }

    [Fact]
    public async Task A_gateway_without_endpoints_is_passed_over_whatever_the_method()
    {
        await using var other = await Gateway();
        other.Serve("shop/web", new ServiceSpec(), In("us", "a", _application.Port));
        _caller.Serve("mesh/gateway", new ServiceSpec(), In("us", "g1", _gateway.Addresses.Inbound!.Port), In("us", "g2", other.Addresses.Inbound!.Port));
        _caller.Serve("shop/web", new ServiceSpec { Traffic = new TrafficPolicy { LoadBalancer = new LoadBalancerPolicy { Type = LoadBalancerType.RoundRobin } } }, In("us", "a", 1));
        _gateway.Serve("shop/web", new ServiceSpec());

        for (var i = 0; i < 10; i++)
        {
            using var answer = await _caller.Http1.SendAsync(_caller.Request(HttpMethod.Post, "web", "/"));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.Contains("mesh_inbound_errors_total{code=\"no-endpoints\"} ", await _gateway.AdminAsync("/metrics"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "no-endpoints")]
    [InlineData(false, "unknown-service")]
    public async Task When_no_gateway_can_take_it_the_caller_is_told(bool isKnown, string code)
    {
        _caller.Serve("shop/web", new ServiceSpec(), In("us", "a", 1));
        if (isKnown)
        {
            _gateway.Serve("shop/web", new ServiceSpec(), In("eu", "a", _application.Port));
        }

        using var answer = await _caller.GetAsync("web");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "no-endpoints"), (answer.StatusCode, answer.Headers.GetValues("mesh-error").Single()));
        Assert.Contains($"the gateway answered {code}", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("\"failures\": 1", await _caller.AdminAsync("/endpoints"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_partly_gone_is_not_sent_elsewhere()
    {
        await using var other = await Gateway();
        other.Serve("shop/web", new ServiceSpec(), In("us", "a", _application.Port));
        _gateway.Serve("shop/web", new ServiceSpec(), In("us", "a", FreePort.Next()));
        _caller.Serve("mesh/gateway", new ServiceSpec(), In("us", "g1", _gateway.Addresses.Inbound!.Port), In("us", "g2", other.Addresses.Inbound!.Port));
        _caller.Serve("shop/web", new ServiceSpec { Traffic = new TrafficPolicy { LoadBalancer = new LoadBalancerPolicy { Type = LoadBalancerType.RoundRobin } } }, In("us", "a", 1));
        var outcomes = new List<HttpStatusCode>();

        for (var i = 0; i < 2; i++)
        {
            using var answer = await _caller.Http1.SendAsync(_caller.Request(HttpMethod.Post, "web", "/", new ByteArrayContent(new byte[1024])));
            outcomes.Add(answer.StatusCode);
        }

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable], outcomes.Order());
    }

    [Fact]
    public async Task With_a_retry_policy_it_is_sent_again_from_the_start()
    {
        await using var other = await Gateway();
        await using var echo = await Upstream.StartAsync(static context => context.Request.Body.CopyToAsync(context.Response.Body));
        other.Serve("shop/web", new ServiceSpec(), In("us", "a", echo.Port));
        _gateway.Serve("shop/web", new ServiceSpec(), In("us", "a", FreePort.Next()));
        _caller.Serve("mesh/gateway", new ServiceSpec(), In("us", "g1", _gateway.Addresses.Inbound!.Port), In("us", "g2", other.Addresses.Inbound!.Port));
        var spec = Rules(Rule("all") with { Retry = new RetryPolicy { Attempts = 1 } }) with { Traffic = new TrafficPolicy { LoadBalancer = new LoadBalancerPolicy { Type = LoadBalancerType.RoundRobin } } };
        _caller.Serve("shop/web", spec, In("us", "a", 1));

        for (var i = 0; i < 4; i++)
        {
            using var answer = await _caller.Http1.SendAsync(_caller.Request(HttpMethod.Post, "web", "/", new StringContent("all of it")));
            Assert.Equal("all of it", await answer.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task Near_endpoints_go_before_gateways_and_gateways_take_over()
    {
        await using var near = await Upstream.NamedAsync("near");
        _gateway.Serve("shop/web", new ServiceSpec(), In("us", "a", _application.Port));
        _caller.Serve("shop/web", new ServiceSpec(), In("eu", "near", near.Port), In("us", "a", 1));
        Assert.Equal("near", await Body("web"));

        await near.DisposeAsync();

        Assert.Equal("web/  ", await Body("web"));
    }

    [Fact]
    public async Task An_application_cannot_name_a_backend()
    {
        _caller.Serve("shop/web", new ServiceSpec(), In("eu", "a", _application.Port));
        _gateway.Serve("shop/secret", new ServiceSpec(), In("us", "a", _application.Port));
        using var direct = _caller.Request(HttpMethod.Get, "web", "/");
        direct.Headers.Add("mesh-backend", "shop/secret");
        using var answer = await _caller.Http1.SendAsync(direct);
        Assert.Equal("web/  ", await answer.Content.ReadAsStringAsync());

        _caller.Serve("shop/far", new ServiceSpec(), In("us", "a", 1));
        using var far = _caller.Request(HttpMethod.Get, "far", "/");
        far.Headers.Add("mesh-backend", "shop/secret");
        using var refused = await _caller.Http1.SendAsync(far);
        Assert.Contains("unknown-service", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x-forwarded-client-cert", false)]
    [InlineData("X-Forwarded-Client-Cert", false)]
    [InlineData("mesh-backend", false)]
    [InlineData("x-forwarded-for", true)]
    [InlineData("l5d-client-id", true)]
    public async Task What_a_caller_says_of_the_mesh_ends_at_the_gateway(string name, bool isPassedOn)
    {
        await using var application = await Upstream.StartAsync(static context => context.Response.WriteAsync(string.Join(' ', context.Request.Headers.Keys)));
        _gateway.Serve("shop/web", new ServiceSpec(), In("us", "a", application.Port));
        using var request = new HttpRequestMessage(HttpMethod.Get, _gateway.Addresses.Inbound);
        request.Headers.Add("mesh-backend", "shop/web");
        if (name != "mesh-backend")
        {
            request.Headers.TryAddWithoutValidation(name, "URI=spiffe://mesh.local/ns/shop/svc/secret");
        }

        using var answer = await _gateway.Http1.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(isPassedOn, (await answer.Content.ReadAsStringAsync()).Split(' ').Contains(name, StringComparer.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("shop/web", "shop/web")]
    [InlineData("nonsense")]
    [InlineData("mesh/gateway")]
    public async Task Whoever_does_not_say_what_for_is_refused(params string?[]? backends)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _gateway.Addresses.Inbound);
        foreach (var backend in backends?.OfType<string>() ?? [])
        {
            request.Headers.TryAddWithoutValidation("mesh-backend", backend);
        }

        using var answer = await _gateway.Http1.SendAsync(request);

        Assert.Equal((HttpStatusCode.BadRequest, "bad-request"), (answer.StatusCode, answer.Headers.GetValues("mesh-error").Single()));
        Assert.Contains("mesh-backend", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_among_its_own_endpoints_is_a_loop()
    {
        _caller.Serve("shop/web", new ServiceSpec(), In("us", "a", 1));
        _gateway.Serve("shop/web", new ServiceSpec(), In("us", "a", _gateway.Addresses.Inbound!.Port));

        using var answer = await _caller.GetAsync("web");

        // It is an endpoint here, and not told what for.
        Assert.True(answer.StatusCode is HttpStatusCode.LoopDetected or HttpStatusCode.BadRequest, $"{answer.StatusCode}");
    }

    [Fact]
    public async Task A_deadline_passes_through()
    {
        _caller.Serve("shop/web", new ServiceSpec(), In("us", "a", 1));
        _gateway.Serve("shop/web", new ServiceSpec(), In("us", "a", _application.Port));
        using var request = _caller.Request(HttpMethod.Get, "web", "/");
        request.Headers.Add("mesh-timeout", "20s");

        using var answer = await _caller.Http1.SendAsync(request);

        Assert.Matches("^web/  (19\\d{3}|20000)ms$", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Limits_hold_at_the_gateway_and_rates_are_counted_once()
    {
        var spec = new ServiceSpec { Traffic = new TrafficPolicy { RateLimit = new RateLimit { Requests = 1, Per = TimeSpan.FromHours(1), Burst = 1 } } };
        _caller.Serve("shop/web", new ServiceSpec(), In("us", "a", 1));
        _gateway.Serve("shop/web", spec, In("us", "a", _application.Port));

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("web/  ", await Body("web"));
        }

        _gateway.Serve("shop/web", new ServiceSpec { Traffic = new TrafficPolicy { Limits = new RequestLimits { Concurrent = 0, Pending = 0 } } }, In("us", "a", _application.Port));
        using var refused = await _caller.GetAsync("web");
        Assert.Equal("overloaded", refused.Headers.GetValues("mesh-error").Single());
    }

    [Fact]
    public async Task Grpc_calls_of_all_kinds_pass()
    {
        await using var echo = await Upstream.StartAsync(
            static app => app.MapGrpcService<EchoService>(), ServiceProtocol.Grpc, static services => services.AddGrpc());
        var spec = new ServiceSpec { Protocol = ServiceProtocol.Grpc };
        _caller.Serve("shop/echo", spec, In("us", "a", 1));
        _gateway.Serve("shop/echo", spec, In("us", "a", echo.Port));
        using var channel = _caller.Grpc("echo.shop");
        var calls = channel.CreateCallInvoker();

        Assert.Equal("hi", await calls.AsyncUnaryCall(EchoGrpc.Unary, null, new CallOptions(), "hi"));
        using var stream = calls.AsyncServerStreamingCall(EchoGrpc.ServerStream, null, new CallOptions(), "x");
        Assert.Equal(["x 0", "x 1", "x 2"], await stream.ResponseStream.ReadAllAsync().ToListAsync());
        Assert.Equal("end", stream.GetTrailers().GetValue("x-trailer"));
        using var chat = calls.AsyncDuplexStreamingCall(EchoGrpc.Duplex, null, new CallOptions());
        await chat.RequestStream.WriteAsync("one");
        Assert.True(await chat.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal("re: one", chat.ResponseStream.Current);
        await chat.RequestStream.CompleteAsync();

        _gateway.Serve("shop/echo", spec);
        var failure = await Assert.ThrowsAsync<RpcException>(() => calls.AsyncUnaryCall(EchoGrpc.Unary, null, new CallOptions(), "hi").ResponseAsync);
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
    }

    [Theory]
    [InlineData(ServiceProtocol.Http)]
    [InlineData(ServiceProtocol.Auto)]
    public async Task WebSockets_pass(ServiceProtocol protocol)
    {
        await using var echo = await Upstream.StartAsync(
            static app =>
            {
                app.UseWebSockets();
                app.Run(WebSocketEcho.ServeAsync);
            },
            ServiceProtocol.Http);
        _caller.Serve("shop/chat", new ServiceSpec { Protocol = protocol }, In("us", "a", 1));
        _gateway.Serve("shop/chat", new ServiceSpec { Protocol = protocol }, In("us", "a", echo.Port));
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Host", "chat.shop");
        await socket.ConnectAsync(new UriBuilder(_caller.Addresses.Outbound) { Scheme = "ws" }.Uri, CancellationToken.None);

        await socket.SendAsync(Encoding.UTF8.GetBytes("hello"), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        var buffer = new byte[100];
        var received = await socket.ReceiveAsync(buffer, CancellationToken.None);

        Assert.Equal("hello", Encoding.UTF8.GetString(buffer, 0, received.Count));
    }

    [Fact]
    public async Task Http2_passes_and_mirrors_and_hedges_go_through_gateways()
    {
        var mirror = new RouteFilter { Type = RouteFilterType.RequestMirror, RequestMirror = new RequestMirror { BackendRef = new MirrorBackend { Name = "shadow" } } };
        var mirrored = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var shadow = await Upstream.StartAsync(context =>
        {
            mirrored.TrySetResult($"{context.Request.Path}{context.Request.Headers["mesh-backend"]}");
            return Task.CompletedTask;
        });
        _caller.Serve("shop/web", Rules(Rule("all") with { Filters = [mirror], Hedge = new HedgePolicy { Delay = TimeSpan.FromMilliseconds(20) } }), In("us", "a", 1));
        _caller.Serve("shop/shadow", new ServiceSpec(), In("us", "s", 1));
        _gateway.Serve("shop/web", new ServiceSpec(), In("us", "a", _application.Port));
        _gateway.Serve("shop/shadow", new ServiceSpec(), In("us", "s", shadow.Port));

        using var answer = await _caller.GetAsync("web", "/x", _caller.Http2);

        Assert.Equal("web/x  ", await answer.Content.ReadAsStringAsync());
        Assert.Equal("/x", await mirrored.Task.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task A_second_try_beside_a_slow_gateway_tells_who_it_is_for_only_to_gateways()
    {
        var release = new TaskCompletionSource();
        await using var slow = await Upstream.StartAsync(context => release.Task);
        await using var slowGateway = await Gateway();
        slowGateway.Serve("shop/web", new ServiceSpec(), In("us", "a", slow.Port));
        _gateway.Serve("shop/web", new ServiceSpec(), In("us", "a", _application.Port));
        _caller.Serve("mesh/gateway", new ServiceSpec(), In("us", "g1", slowGateway.Addresses.Inbound!.Port));
        _caller.Serve("shop/web", Rules(Rule("all") with { Hedge = new HedgePolicy { Delay = TimeSpan.FromMilliseconds(20) } }), In("us", "a", 1), In("zz", "direct", _application.Port, 1));

        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("web/  ", await Body("web"));
        }

        release.SetResult();
    }

    [Fact]
    public async Task It_is_explained_and_shown()
    {
        _caller.Serve("shop/web", new ServiceSpec(), In("us", "a", 1));
        _caller.Table.UseRegions([Via("us") with { IsStale = true }]);
        using var content = new StringContent("""{ "authority": "web" }""", Encoding.UTF8, "application/json");

        using var answer = await _caller.Http1.PostAsync(new Uri(_caller.Addresses.Admin, "/explain"), content);

        var explained = await answer.Content.ReadAsStringAsync();
        Assert.Contains("gateway/g1", explained, StringComparison.Ordinal);
        Assert.Contains("\"level\": \"stale\"", explained, StringComparison.Ordinal);
        Assert.Contains("\"level\": \"stale\"", await _caller.AdminAsync("/endpoints"), StringComparison.Ordinal);
        Assert.Contains("mesh_region_stale{region=\"us\"} 1\n", await _caller.AdminAsync("/metrics"), StringComparison.Ordinal);

        // What the control plane knows stays visible.
        Assert.Contains("\"id\":\"a\"", (await _caller.AdminAsync("/snapshots")).Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private static Task<ProxyHost> Gateway() =>
        ProxyHost.StartAsync(configure: static options => options with { IsGateway = true, Place = new ProxyPlace("us") });

    private async Task<string> Body(string host, string path = "/")
    {
        using var answer = await _caller.GetAsync(host, path);
        return await answer.Content.ReadAsStringAsync();
    }
}
