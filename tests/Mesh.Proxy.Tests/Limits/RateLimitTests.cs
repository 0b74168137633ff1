using System.Net;
using Grpc.Core;
using Mesh.Abstractions.RateLimits;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Limits;
using Mesh.Proxy.Tests.ControlPlane;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Limits;

public sealed class RateLimitTests : IAsyncLifetime
{
    private ProxyHost _proxy = null!;
    private Upstream _upstream = null!;

    public async ValueTask InitializeAsync()
    {
        _proxy = await ProxyHost.StartAsync();
        _upstream = await Upstream.NamedAsync("ok");
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Fact]
    public async Task A_rule_lets_through_so_many_and_says_when_to_come_back()
    {
        Serve(new RuleRateLimit { Requests = 2, Per = TimeSpan.FromMinutes(1) });

        Assert.Equal((int[])[200, 200, 429], await SendAsync(3));
        using var refused = await _proxy.GetAsync("web");
        Assert.Equal("rate-limited", refused.Headers.GetValues("mesh-error").Single());
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 30);
        Assert.Equal("rate-limited: rule 'all' of shop/web allows 2 requests in 1m\n", await refused.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task What_was_used_stays_used_across_snapshots_unless_the_limit_is_another()
    {
        Serve(new RuleRateLimit { Requests = 1, Per = TimeSpan.FromMinutes(1) });
        Assert.Equal((int[])[200, 429], await SendAsync(2));

        Serve(new RuleRateLimit { Requests = 1, Per = TimeSpan.FromMinutes(1) });
        Assert.Equal((int[])[429], await SendAsync(1));

        Serve(new RuleRateLimit { Requests = 2, Per = TimeSpan.FromMinutes(1) });
        Assert.Equal((int[])[200, 200, 429], await SendAsync(3));
    }

    [Fact]
    public async Task Each_caller_has_a_limit_of_its_own()
    {
        Serve(new RuleRateLimit { Requests = 1, Per = TimeSpan.FromMinutes(1), PerCaller = new RequestKey { Header = "x-user" } });

        Assert.Equal((int[])[200, 429], await SendAsync(2, ("x-user", "anna")));
        Assert.Equal((int[])[200, 429], await SendAsync(2, ("x-user", "ben")));
        Assert.Equal((int[])[200, 429], await SendAsync(2));

        Serve(new RuleRateLimit { Requests = 1, Per = TimeSpan.FromMinutes(1), PerCaller = new RequestKey { Cookie = "id" } });
        Assert.Equal((int[])[200, 429], await SendAsync(2, ("Cookie", "a=b; id=1")));
        Assert.Equal((int[])[200], await SendAsync(1, ("Cookie", "a=b; id=2")));

        Serve(new RuleRateLimit { Requests = 1, Per = TimeSpan.FromMinutes(1), PerCaller = new RequestKey { SourceAddress = true } });
        Assert.Equal((int[])[200, 429], await SendAsync(2));
    }

    [Fact]
    public async Task A_gRPC_caller_is_told_in_its_own_words()
    {
        Serve(new RuleRateLimit { Requests = 1, Per = TimeSpan.FromMinutes(1) });
        await SendAsync(1);
        using var channel = _proxy.Grpc("web");

        var exception = await Assert.ThrowsAsync<RpcException>(
            () => channel.CreateCallInvoker().AsyncUnaryCall(EchoGrpc.Unary, null, new CallOptions(), "hi").ResponseAsync);

        Assert.Equal(StatusCode.ResourceExhausted, exception.StatusCode);
    }

    [Fact]
    public async Task A_service_lets_through_this_proxys_part_over_all_rules()
    {
        _proxy.Serve("shop/web", new ServiceSpec
        {
            Routes = [Rule("a", Prefix("/a")), Rule("b")],
            Traffic = new TrafficPolicy { RateLimit = new RateLimit { Requests = 10, Per = TimeSpan.FromHours(1) } },
        }, At(_upstream.Port));
        var limiter = _proxy.Table.GetOrAdd(new("shop", "web")).Model!.RateLimit!;
        limiter.Use(new RateShare { Part = 0.3, ValidFor = TimeSpan.FromSeconds(1) }, default, 0);

        Assert.Equal((int[])[200, 200], await SendAsync(2));
        Assert.Equal(HttpStatusCode.OK, (await _proxy.GetAsync("web", "/a")).StatusCode);
        using var refused = await _proxy.GetAsync("web");

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Contains("traffic.rateLimit", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("mesh_rate_limit_part{service=\"shop/web\"} 0.3", await _proxy.AdminAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_control_plane_is_asked_as_requests_come_and_its_last_word_stays()
    {
        var requests = new RateShareRequests();
        var controlPlane = new FakeControlPlane { RateShare = new RateShare { Part = 0.5, ValidFor = TimeSpan.FromSeconds(1) } };
        using var leaser = new RateShareLeaser(controlPlane, requests, TimeProvider.System, NullLogger<RateShareLeaser>.Instance);
        await leaser.StartAsync(CancellationToken.None);
        var limiter = new ServiceRateLimiter(new("shop", "web"), new RateLimit { Requests = 10 }, TimeProvider.System);

        // Away: nobody is asked, and nobody waits.
        requests.AskIfDue(limiter, TimeProvider.System.GetTimestamp());
        Assert.Null(limiter.Part);
        Assert.Empty(controlPlane.RatesAsked);

        controlPlane.Connect();
        await Eventually.Holds("the part is there", () =>
        {
            requests.AskIfDue(limiter, TimeProvider.System.GetTimestamp());
            return limiter.Part == 0.5;
        });
        Assert.Equal(new("shop", "web"), controlPlane.RatesAsked.First().Service);

        controlPlane.Failure = new TimeoutException("away");
        controlPlane.RateShare = new RateShare { Part = 1, ValidFor = TimeSpan.FromSeconds(1) };
        var asked = controlPlane.RatesAsked.Count;
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System);
        requests.AskIfDue(limiter, TimeProvider.System.GetTimestamp());
        Assert.Equal((0.5, asked), (limiter.Part, controlPlane.RatesAsked.Count));
        await leaser.StopAsync(CancellationToken.None);
    }

    private void Serve(RuleRateLimit limit) => _proxy.Serve("shop/web", Rules(Rule("all") with { RateLimit = limit }), At(_upstream.Port));

    private async Task<int[]> SendAsync(int count, (string Name, string Value)? header = null)
    {
        var statuses = new int[count];
        for (var i = 0; i < count; i++)
        {
            using var request = _proxy.Request(HttpMethod.Get, "web", "/");
            if (header is { } some)
            {
                request.Headers.TryAddWithoutValidation(some.Name, some.Value);
            }

            using var response = await _proxy.Http1.SendAsync(request);
            statuses[i] = (int)response.StatusCode;
        }

        return statuses;
    }
}
