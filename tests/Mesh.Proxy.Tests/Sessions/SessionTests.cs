using System.Net;
using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Resilience;
using Mesh.Proxy.Sessions;
using Mesh.Proxy.Tests.Hosting;
using Microsoft.Extensions.Time.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Tests.Sessions;

public sealed class SessionTests : IAsyncLifetime
{
    private static readonly SessionPersistence ByCookie = new() { Type = SessionPersistenceType.Cookie };

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false });
    private readonly List<Upstream> _upstreams = [];
    private ProxyHost _proxy = null!;
    private Endpoint[] _endpoints = [];

    public async ValueTask InitializeAsync()
    {
        _proxy = await ProxyHost.StartAsync(time: _time);
        for (var i = 0; i < 4; i++)
        {
            _upstreams.Add(await Upstream.NamedAsync($"e{i}"));
        }

        _endpoints = [.. _upstreams.Select(static (upstream, i) => At(upstream.Port, $"e{i}"))];
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _proxy.DisposeAsync();
        foreach (var upstream in _upstreams)
        {
            await upstream.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_cookie_keeps_a_client_at_its_endpoint()
    {
        Serve(ByCookie, _endpoints);
        var (name, cookie, header) = await BeginAsync();
        Assert.EndsWith("; Path=/; HttpOnly; SameSite=Lax", header, StringComparison.Ordinal);
        Assert.StartsWith("mesh-session=", header, StringComparison.Ordinal);

        for (var i = 0; i < 12; i++)
        {
            var (next, renewed, _) = await CallAsync($"other=1; {cookie}");
            Assert.Equal((name, null), (next, renewed));
        }

        Assert.Equal(4, (await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => CallAsync(null)))).DistinctBy(static call => call.Name).Count());
    }

    [Fact]
    public async Task A_permanent_cookie_lasts_as_long_as_the_session()
    {
        Serve(
            new SessionPersistence
            {
                AbsoluteTimeout = TimeSpan.FromHours(1),
                Cookie = new SessionCookie { Name = "sid", Path = "/shop", LifetimeType = CookieLifetime.Permanent },
            },
            _endpoints);

        var (_, _, header) = await BeginAsync();

        Assert.Matches("^sid=[A-Za-z0-9_-]+; Path=/shop; Max-Age=3600; HttpOnly; SameSite=Lax$", header);
    }

    [Fact]
    public async Task A_session_ends_after_its_time_though_it_is_used()
    {
        Serve(ByCookie with { AbsoluteTimeout = TimeSpan.FromMinutes(10) }, _endpoints);
        var (_, cookie, _) = await BeginAsync();
        _time.Advance(TimeSpan.FromMinutes(9));
        Assert.Null((await CallAsync(cookie)).Cookie);

        _time.Advance(TimeSpan.FromMinutes(2));

        Assert.NotNull((await CallAsync(cookie)).Cookie);
    }

    [Fact]
    public async Task Nobody_can_give_himself_more_time_or_another_place()
    {
        Serve(ByCookie with { AbsoluteTimeout = TimeSpan.FromMinutes(10) }, _endpoints);
        var (_, cookie, _) = await BeginAsync();
        Assert.True(SessionToken.TryParse(cookie!.Split('=')[1], out var token));

        foreach (var forged in (SessionToken[])[
            token with { Expires = 0 },
            token with { Expires = token.Expires + 1_000_000 },
            token with { Backend = token.Backend + 1 },
            token with { Endpoint = token.Endpoint + 1 }])
        {
            Assert.NotNull((await CallAsync($"mesh-session={forged}")).Cookie);
        }

        Assert.NotNull((await CallAsync("mesh-session=nonsense")).Cookie);
    }

    [Fact]
    public async Task When_its_endpoint_is_gone_a_session_goes_on_elsewhere()
    {
        Serve(ByCookie, _endpoints);
        var (name, cookie, _) = await BeginAsync();

        Serve(ByCookie, [.. _endpoints.Where(endpoint => endpoint.Id != name)]);
        var (other, renewed, _) = await CallAsync(cookie);

        Assert.NotEqual(name, other);
        Assert.Equal((other, null), ((await CallAsync(renewed)).Name, (await CallAsync(renewed)).Cookie));
    }

    [Fact]
    public async Task A_draining_endpoint_keeps_its_sessions_and_gets_no_new_ones()
    {
        Serve(ByCookie, _endpoints);
        var (name, cookie, _) = await BeginAsync();

        Serve(ByCookie, [.. _endpoints.Select(endpoint => endpoint.Id == name ? endpoint with { State = EndpointState.Draining } : endpoint)]);

        Assert.Equal((name, null), ((await CallAsync(cookie)).Name, (await CallAsync(cookie)).Cookie));
        for (var i = 0; i < 8; i++)
        {
            Assert.NotEqual(name, (await CallAsync(null)).Name);
        }
    }

    [Fact]
    public async Task An_ejected_endpoint_loses_its_sessions()
    {
        Serve(ByCookie, _endpoints);
        var (name, cookie, _) = await BeginAsync();
        var pool = _proxy.Table.GetOrAdd(new("shop", "web")).Model!.Endpoints;
        pool.Outliers!.Report(pool.All.Single(endpoint => endpoint.Endpoint.Id == name), TryVerdict.Failure, isProbe: false);

        var (other, renewed, _) = await CallAsync(cookie);

        Assert.NotEqual(name, other);
        Assert.NotNull(renewed);
    }

    [Fact]
    public async Task A_retry_that_is_answered_elsewhere_takes_the_session_along()
    {
        Serve(ByCookie, _endpoints);
        var (name, cookie, _) = await BeginAsync();
        await _upstreams[name[1] - '0'].DisposeAsync();

        var (other, renewed, _) = await CallAsync(cookie);

        Assert.NotEqual(name, other);
        Assert.Equal((other, null), ((await CallAsync(renewed)).Name, (await CallAsync(renewed)).Cookie));
    }

    [Fact]
    public async Task A_session_stays_at_its_backend_though_its_weight_becomes_zero()
    {
        _proxy.Serve("shop/blue", new ServiceSpec(), _endpoints[0]);
        _proxy.Serve("shop/green", new ServiceSpec(), _endpoints[1]);
        ServeSplit(("blue", 1), ("green", 0));
        var (name, cookie, _) = await BeginAsync();
        Assert.Equal("e0", name);

        // Also when the order changes.
        ServeSplit(("green", 1), ("blue", 0));

        Assert.Equal("e0", (await CallAsync(cookie)).Name);
        Assert.Equal("e1", (await CallAsync(null)).Name);

        ServeSplit(("green", 1));
        Assert.Equal("e1", (await CallAsync(cookie)).Name);
    }

    [Fact]
    public async Task A_header_is_sent_with_every_answer()
    {
        Serve(new SessionPersistence { Type = SessionPersistenceType.Header, Header = new SessionHeader { Name = "x-sid" } }, _endpoints);
        using var first = await _proxy.GetAsync("web");
        var name = await first.Content.ReadAsStringAsync();
        var token = Assert.Single(first.Headers.GetValues("x-sid"));

        for (var i = 0; i < 8; i++)
        {
            var request = _proxy.Request(HttpMethod.Get, "web", "/");
            request.Headers.Add("x-sid", token);
            using var response = await _proxy.Http1.SendAsync(request);
            Assert.Equal((name, token), (await response.Content.ReadAsStringAsync(), response.Headers.GetValues("x-sid").Single()));
        }
    }

    [Fact]
    public async Task Nobody_begins_a_session_where_it_was_refused()
    {
        await using var refusing = await Upstream.StartAsync(static context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        Serve(ByCookie, At(refusing.Port));

        using var response = await _proxy.GetAsync("web");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.False(response.Headers.Contains("Set-Cookie"));
    }

    private void Serve(SessionPersistence sessions, params Endpoint[] endpoints) => _proxy.Serve(
        "shop/web",
        new ServiceSpec
        {
            Routes = [Rule("all") with { SessionPersistence = sessions }],
            Traffic = new TrafficPolicy
            {
                LoadBalancer = new LoadBalancerPolicy { Type = LoadBalancerType.RoundRobin },
                OutlierDetection = new OutlierDetection { ConsecutiveFailures = 1 },
            },
        },
        endpoints);

    private void ServeSplit(params (string Name, int Weight)[] backends) => _proxy.Serve(
        "shop/web",
        Rules(Rule("all") with
        {
            SessionPersistence = ByCookie,
            BackendRefs = [.. backends.Select(static backend => new BackendRef { Name = backend.Name, Weight = backend.Weight })],
        }));

    private async Task<(string Name, string? Cookie, string Header)> BeginAsync()
    {
        var call = await CallAsync(null);
        Assert.NotNull(call.Cookie);
        return (call.Name, call.Cookie, call.Header!);
    }

    /// <returns>Who answered, the cookie to send with the next request, and all of Set-Cookie.</returns>
    private async Task<(string Name, string? Cookie, string? Header)> CallAsync(string? cookies)
    {
        var request = _proxy.Request(HttpMethod.Get, "web", "/");
        if (cookies is not null)
        {
            request.Headers.Add("Cookie", cookies);
        }

        using var response = await _client.SendAsync(request);
        var header = response.Headers.TryGetValues("Set-Cookie", out var values) ? values.Single() : null;
        return (await response.Content.ReadAsStringAsync(), header?.Split(';')[0], header);
    }
}
