using System.Net;
using System.Text;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Services;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Forwarding;

public sealed class OutboundPipelineTests : IAsyncLifetime
{
    private ProxyHost _proxy = null!;

    public async ValueTask InitializeAsync() => _proxy = await ProxyHost.StartAsync();

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    [Theory]
    [InlineData(ServiceProtocol.Http, false)]
    [InlineData(ServiceProtocol.Http, true)]
    [InlineData(ServiceProtocol.Http2, false)]
    [InlineData(ServiceProtocol.Http2, true)]
    public async Task One_port_takes_both_protocols_and_forwards_in_what_the_service_speaks(ServiceProtocol protocol, bool isHttp2)
    {
        await using var upstream = await Upstream.StartAsync(
            context => context.Response.WriteAsync($"{context.Request.Protocol} {context.Request.Host}"), protocol);
        _proxy.Serve("shop/web", new ServiceSpec { Protocol = protocol }, At(upstream.Port));

        var response = await _proxy.GetAsync("web.shop", client: isHttp2 ? _proxy.Http2 : _proxy.Http1);

        Assert.Equal(protocol == ServiceProtocol.Http ? "HTTP/1.1 web.shop" : "HTTP/2 web.shop", await response.Content.ReadAsStringAsync());
        Assert.Equal(isHttp2 ? HttpVersion.Version20 : HttpVersion.Version11, response.Version);
    }

    [Fact]
    public async Task Forwards_all_of_a_request_and_of_its_response()
    {
        await using var upstream = await Upstream.StartAsync(async context =>
        {
            var body = await new StreamReader(context.Request.Body).ReadToEndAsync();
            context.Response.StatusCode = 418;
            context.Response.Headers["x-seen"] = $"{context.Request.Method} {context.Request.Headers["x-in"]} {context.Request.Headers["x-forwarded-for"]}";
            context.Response.Headers.SetCookie = new(["a=1", "b=2"]);
            await context.Response.WriteAsync(body);
        });
        _proxy.Serve("shop/web", new ServiceSpec(), At(upstream.Port));
        var request = _proxy.Request(HttpMethod.Put, "web", "/", new StringContent("hällo"));
        request.Headers.Add("x-in", ["1", "2"]);

        var response = await _proxy.Http1.SendAsync(request);

        Assert.Equal(418, (int)response.StatusCode);
        Assert.Equal("PUT 1,2", response.Headers.GetValues("x-seen").Single().Replace(", ", ",", StringComparison.Ordinal).Trim());
        Assert.Equal(["a=1", "b=2"], response.Headers.GetValues("set-cookie"));
        Assert.Equal("hällo", await response.Content.ReadAsStringAsync());
        Assert.False(response.Headers.Contains("mesh-error"));
    }

    [Theory]
    [InlineData("/a%2Fb%20c/%C3%A4?x=%2F+y&z=")]
    [InlineData("/plain?a=b&a=c")]
    [InlineData("//double//slash/")]
    [InlineData("/sig:nature,(x)*'!")]
    public async Task Keeps_the_target_byte_for_byte(string target)
    {
        await using var upstream = await Upstream.StartAsync(context => context.Response.WriteAsync(
            context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget));
        _proxy.Serve("shop/web", new ServiceSpec(), At(upstream.Port));

        var answer = await RawHttp.SendAsync(_proxy.Addresses.Outbound, $"GET {target} HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n");

        Assert.EndsWith(target, RawHttp.BodyOf(answer), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/public/../private")]
    [InlineData("/public/%2e%2e/private")]
    [InlineData("/./private")]
    public async Task A_rule_sees_the_path_that_the_endpoint_sees(string target)
    {
        await using var upstream = await Upstream.StartAsync(context => context.Response.WriteAsync(
            context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget));
        _proxy.Serve("shop/web", Rules(Rule("private", Prefix("/private"))), At(upstream.Port));

        var answer = await RawHttp.SendAsync(_proxy.Addresses.Outbound, $"GET {target} HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n");

        Assert.Equal("/private", RawHttp.BodyOf(answer));
    }

    [Fact]
    public async Task An_absolute_URI_names_the_service()
    {
        await using var upstream = await Upstream.StartAsync(context => context.Response.WriteAsync($"{context.Request.Host}{context.Request.Path}"));
        _proxy.Serve("shop/web", new ServiceSpec(), At(upstream.Port));

        var answer = await RawHttp.SendAsync(
            _proxy.Addresses.Outbound, "GET http://web.shop/x HTTP/1.1\r\nHost: ignored\r\nConnection: close\r\n\r\n");

        Assert.Contains("web.shop/x", RawHttp.BodyOf(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asks_for_a_service_it_does_not_know()
    {
        await using var upstream = await Upstream.NamedAsync("found");
        _proxy.Source.Answer("web", () =>
        {
            _proxy.Serve("shop/web", new ServiceSpec(), At(upstream.Port));
            return ServiceLookup.Found(_proxy.Table.GetOrAdd(new("shop", "web")));
        });

        Assert.Equal("found", await (await _proxy.GetAsync("web")).Content.ReadAsStringAsync());
        Assert.Equal("found", await (await _proxy.GetAsync("web")).Content.ReadAsStringAsync());
        Assert.Equal(["web"], _proxy.Source.Asked);
    }

    [Fact]
    public async Task Asks_again_for_one_that_nobody_keeps_fresh_and_uses_what_there_is()
    {
        await using var upstream = await Upstream.NamedAsync("old");
        _proxy.Serve("shop/web", new ServiceSpec(), At(upstream.Port));
        var web = _proxy.Table.GetOrAdd(new("shop", "web"));
        web.IsLive = false;
        _proxy.Source.Answer("web", () => ServiceLookup.Found(web));

        Assert.Equal("old", await (await _proxy.GetAsync("web")).Content.ReadAsStringAsync());
        Assert.Equal(["web"], _proxy.Source.Asked);
    }

    [Fact]
    public async Task Asks_for_a_backend_of_which_only_the_name_is_known()
    {
        await using var upstream = await Upstream.NamedAsync("v2");
        _proxy.Serve("shop/web", Rules(Rule("all") with { BackendRefs = [new BackendRef { Name = "web-v2" }] }));
        _proxy.Source.Answer("web-v2.shop", () =>
        {
            _proxy.Serve("shop/web-v2", new ServiceSpec(), At(upstream.Port));
            return ServiceLookup.Found(_proxy.Table.GetOrAdd(new("shop", "web-v2")));
        });

        Assert.Equal("v2", await (await _proxy.GetAsync("web")).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Splits_between_services_by_weight()
    {
        await using var one = await Upstream.NamedAsync("v1");
        await using var two = await Upstream.NamedAsync("v2");
        _proxy.Serve("shop/web-v2", new ServiceSpec(), At(two.Port));
        _proxy.Serve("shop/web", Rules(Rule("split") with
        {
            BackendRefs = [new BackendRef { Name = "web", Weight = 75 }, new BackendRef { Name = "web-v2", Weight = 25 }],
        }), At(one.Port));

        var answers = new List<string>();
        for (var i = 0; i < 400; i++)
        {
            answers.Add(await (await _proxy.GetAsync("web")).Content.ReadAsStringAsync());
        }

        Assert.InRange(answers.Count(static answer => answer == "v2"), 60, 140);
        Assert.DoesNotContain(answers, static answer => answer is not ("v1" or "v2"));
    }

    [Fact]
    public async Task Changes_headers_as_the_rule_says()
    {
        await using var upstream = await Upstream.StartAsync(context =>
        {
            context.Response.Headers["x-echo"] = $"{context.Request.Headers["x-from"]}|{context.Request.Headers["x-secret"]}";
            context.Response.Headers["x-internal"] = "1";
            return context.Response.WriteAsync("ok");
        });
        _proxy.Serve("shop/web", Rules(Rule("all") with
        {
            Filters =
            [
                new RouteFilter
                {
                    Type = RouteFilterType.RequestHeaderModifier,
                    RequestHeaderModifier = new HeaderModifier { Set = [new HeaderValue { Name = "x-from", Value = "mesh" }], Remove = ["x-secret"] },
                },
                new RouteFilter
                {
                    Type = RouteFilterType.ResponseHeaderModifier,
                    ResponseHeaderModifier = new HeaderModifier { Add = [new HeaderValue { Name = "x-added", Value = "2" }], Remove = ["x-internal"] },
                },
            ],
        }), At(upstream.Port));
        var request = _proxy.Request(HttpMethod.Get, "web", "/");
        request.Headers.Add("x-from", "app");
        request.Headers.Add("x-secret", "s");

        var response = await _proxy.Http1.SendAsync(request);

        Assert.Equal("mesh|", response.Headers.GetValues("x-echo").Single());
        Assert.Equal("2", response.Headers.GetValues("x-added").Single());
        Assert.False(response.Headers.Contains("x-internal"));
    }

    [Fact]
    public async Task Header_values_beyond_ASCII_pass_through()
    {
        await using var upstream = await Upstream.StartAsync(context =>
        {
            // Kestrel reads UTF-8 and writes ASCII by default; the bytes are what is compared.
            context.Response.Headers["x-bytes"] = Convert.ToHexString(Encoding.UTF8.GetBytes(context.Request.Headers["x-in"].ToString()));
            return Task.CompletedTask;
        });
        _proxy.Serve("shop/web", new ServiceSpec(), At(upstream.Port));

        var answer = await RawHttp.SendAsync(_proxy.Addresses.Outbound, "GET / HTTP/1.1\r\nHost: web\r\nx-in: ä\r\nConnection: close\r\n\r\n");

        Assert.Contains("x-bytes: C3A4", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changing_snapshots_fail_no_request()
    {
        await using var one = await Upstream.NamedAsync("1");
        await using var two = await Upstream.NamedAsync("2");
        _proxy.Serve("shop/web", new ServiceSpec(), At(one.Port));
        using var stop = new CancellationTokenSource();
        var calls = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var count = 0;
            while (!stop.IsCancellationRequested)
            {
                using var response = await _proxy.GetAsync("web");
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                count++;
            }

            return count;
        })).ToArray();

        for (var i = 0; i < 300; i++)
        {
            _proxy.Serve("shop/web", i % 2 == 0 ? new ServiceSpec() : Rules(Rule($"r{i}")), At(i % 3 == 0 ? one.Port : two.Port));
            await Task.Yield();
        }

        await stop.CancelAsync();
        Assert.True((await Task.WhenAll(calls)).Sum() > 0);
    }

    [Fact]
    public async Task A_caller_who_leaves_counts_against_nobody()
    {
        var reached = new TaskCompletionSource();
        await using var upstream = await Upstream.StartAsync(async context =>
        {
            reached.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        });
        _proxy.Serve("shop/web", new ServiceSpec(), At(upstream.Port));
        using var leave = new CancellationTokenSource();
        var call = _proxy.Http1.SendAsync(_proxy.Request(HttpMethod.Get, "web", "/"), leave.Token);
        await reached.Task.WaitAsync(Eventually.Deadline, TimeProvider.System);
        Assert.Equal(1, _proxy.Active.Outbound);

        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        await Eventually.Holds("the request is over", () => _proxy.Active.Outbound == 0);
        var model = _proxy.Table.GetOrAdd(new("shop", "web")).Model!;
        Assert.Equal(0, model.Endpoints.All[0].Stats.Failures);
        Assert.Equal(0, model.Endpoints.All[0].Stats.InFlight);
        Assert.Equal(1, model.Rules[0].Backends[0].Stats.Aborted);
    }
}
