using System.Net;
using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Limits;
using Mesh.Proxy.Services;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Tcp;

public sealed class ConnectTests : IAsyncLifetime
{
    private ProxyHost _proxy = null!;

    public async ValueTask InitializeAsync() => _proxy = await ProxyHost.StartAsync();

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    [Fact]
    public async Task Opens_a_tunnel_to_an_endpoint_of_the_service()
    {
        await using var server = RawServer.Echo();
        _proxy.Serve("shop/db", new ServiceSpec { Protocol = ServiceProtocol.Tcp }, At(FreePort.Next(), "down"), At(server.Port, "up"));
        using var client = await Tunneled.ConnectAsync(_proxy.Addresses.Outbound.Port);

        await client.SendAsync("CONNECT db.shop:5432 HTTP/1.1\r\nHost: db.shop:5432\r\nUser-Agent: test\r\n\r\n");

        Assert.Equal("HTTP/1.1 200 Connection Established\r\n\r\n", await client.ReadHeadAsync());
        Assert.Equal("hello", await client.ExchangeAsync("hello"));
        Assert.Equal(1, _proxy.Active.Outbound);
        client.FinishSending();
        Assert.Equal("", await client.ReadToEndAsync());
        await Eventually.Holds("the tunnel is over", () => _proxy.Active.Outbound == 0);
    }

    [Fact]
    public async Task What_is_sent_ahead_is_not_lost_and_not_read_as_a_request()
    {
        await using var server = RawServer.Echo();
        _proxy.Serve("shop/db", new ServiceSpec(), At(server.Port));
        using var client = await Tunneled.ConnectAsync(_proxy.Addresses.Outbound.Port);

        await client.SendAsync("CONNECT db:80 HTTP/1.1\r\nHost: db:80\r\n\r\nGET / HTTP/1.1\r\n\r\n");
        client.FinishSending();

        Assert.Equal("HTTP/1.1 200 Connection Established\r\n\r\nGET / HTTP/1.1\r\n\r\n", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task A_head_that_comes_in_pieces_is_understood()
    {
        await using var server = RawServer.Echo();
        _proxy.Serve("shop/db", new ServiceSpec(), At(server.Port));
        using var client = await Tunneled.ConnectAsync(_proxy.Addresses.Outbound.Port);

        foreach (var letter in "CONNECT db:80 HTTP/1.1\r\nHost: db:80\r\nx: y\r\n\r\n")
        {
            await client.SendAsync($"{letter}");
            await Task.Yield();
        }

        Assert.StartsWith("HTTP/1.1 200", await client.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_HTTP2_the_stream_is_the_tunnel()
    {
        await using var server = RawServer.Echo();
        _proxy.Serve("shop/db", new ServiceSpec(), At(server.Port));
        using var connection = await Http2Connection.OpenAsync(_proxy.Addresses.Outbound.Port);

        await connection.SendHeadersAsync(1, endStream: false, (":method", "CONNECT"), (":authority", "db:80"));
        Assert.Equal(200, await connection.ReadStatusAsync(1));
        await connection.SendDataAsync(1, "hello"u8.ToArray(), endStream: false);
        Assert.Equal("hello", await connection.ReadDataAsync(1, 5));
        await connection.SendDataAsync(1, "bye"u8.ToArray(), endStream: true);
        Assert.Equal("bye", await connection.ReadDataAsync(1, 3));
        Assert.True(await connection.ReadEndAsync(1));
    }

    [Theory]
    [InlineData("CONNECT nobody:80 HTTP/1.1\r\nHost: nobody:80\r\n\r\n", 404, "unknown-service")]
    [InlineData("CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:22\r\n\r\n", 404, "unknown-service")]
    [InlineData("CONNECT [::1]:22 HTTP/1.1\r\nHost: [::1]:22\r\n\r\n", 404, "unknown-service")]
    [InlineData("CONNECT ports:81 HTTP/1.1\r\nHost: ports:81\r\n\r\n", 404, "unknown-service")]
    [InlineData("CONNECT empty:80 HTTP/1.1\r\nHost: empty:80\r\n\r\n", 503, "no-endpoints")]
    [InlineData("CONNECT down:80 HTTP/1.1\r\nHost: down:80\r\n\r\n", 502, "connect-failed")]
    [InlineData("CONNECT ruled:80 HTTP/1.1\r\nHost: ruled:80\r\n\r\n", 404, "no-route")]
    [InlineData("CONNECT down:80 HTTP/1.1\r\nHost: other:80\r\n\r\n", 400, "bad-request")]
    [InlineData("CONNECT down:80 HTTP/1.1\r\n\r\n", 400, "bad-request")]
    [InlineData("CONNECT down:80 HTTP/1.1\r\nHost: down:80\r\nHost: down:80\r\n\r\n", 400, "bad-request")]
    [InlineData("CONNECT down:80 HTTP/1.1\r\nHost: down:80\r\nContent-Length: 5\r\n\r\nhello", 400, "bad-request")]
    [InlineData("CONNECT down:80 HTTP/1.1\r\nHost: down:80\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "bad-request")]
    [InlineData("CONNECT down:80 HTTP/1.1\r\nHost: down:80\r\n folded\r\n\r\n", 400, "bad-request")]
    [InlineData("CONNECT down:80 HTTP/1.1\nHost: down:80\r\n\r\n", 400, "bad-request")]
    [InlineData("CONNECT down:80 HTTP/1.1\r\nHost: down:80\n\r\n", 400, "bad-request")]
    [InlineData("CONNECT down:80 HTTP/2.0\r\nHost: down:80\r\n\r\n", 505, "bad-request")]
    [InlineData("CONNECT down:99999 HTTP/1.1\r\nHost: down:99999\r\n\r\n", 400, "bad-request")]
    [InlineData("CONNECT \r\n\r\n", 400, "bad-request")]
    public async Task Says_why_there_is_none(string request, int status, string code)
    {
        _proxy.Serve("shop/ports", new ServiceSpec { Ports = [80] });
        _proxy.Serve("shop/empty", new ServiceSpec());
        _proxy.Serve("shop/down", new ServiceSpec(), At(FreePort.Next()));
        _proxy.Serve("shop/ruled", Rules(Rule("api", Prefix("/api")), Rule("rest")), At(FreePort.Next()));

        var answer = await RawHttp.SendAsync(_proxy.Addresses.Outbound, request);

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains($"\r\nmesh-error: {code}\r\n", answer, StringComparison.Ordinal);
        Assert.Contains($"\r\n\r\n{code}: ", answer, StringComparison.Ordinal);
        Assert.Contains($"code=\"{code}\"}} 1\n", await _proxy.AdminAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_without_end_are_refused()
    {
        var answer = await RawHttp.SendAsync(_proxy.Addresses.Outbound, $"CONNECT db:80 HTTP/1.1\r\nHost: db:80\r\nx: {new string('x', 40_000)}");

        Assert.StartsWith("HTTP/1.1 431", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_without_number_are_refused()
    {
        var headers = string.Concat(Enumerable.Repeat("x: y\r\n", 101));
        var answer = await RawHttp.SendAsync(_proxy.Addresses.Outbound, $"CONNECT db:80 HTTP/1.1\r\nHost: db:80\r\n{headers}\r\n");

        Assert.StartsWith("HTTP/1.1 431 ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_control_plane_that_cannot_be_asked_is_not_an_unknown_service()
    {
        _proxy.Source.Otherwise = LookupFailure.ControlPlaneUnreachable;

        var answer = await RawHttp.SendAsync(_proxy.Addresses.Outbound, "CONNECT db:80 HTTP/1.1\r\nHost: db:80\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 503", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_about_requests_opens_tunnels_only_when_it_says_so()
    {
        await using var server = RawServer.Echo();
        var connect = Rule("tunnel", new RouteMatch { Method = "CONNECT" });
        _proxy.Serve("shop/db", Rules(Rule("admin", Prefix("/admin")), connect), At(server.Port));
        Assert.StartsWith("HTTP/1.1 200", await AskAsync("db"), StringComparison.Ordinal);

        var guarded = connect with { Filters = [new RouteFilter { Type = RouteFilterType.RequestHeaderModifier, RequestHeaderModifier = new HeaderModifier { Remove = ["x"] } }] };
        _proxy.Serve("shop/db", Rules(Rule("admin", Prefix("/admin")), guarded), At(server.Port));
        Assert.StartsWith("HTTP/1.1 404", await AskAsync("db"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_match_of_a_rule_that_names_the_method_opens_none()
    {
        await using var server = RawServer.Echo();
        var guarded = new RouteMatch { Method = "CONNECT", Headers = [new HeaderMatch { Name = "x-key", Value = "1" }] };
        _proxy.Serve("shop/db", Rules(Rule("both", guarded, Prefix("/"))), At(server.Port));

        Assert.StartsWith("HTTP/1.1 404", await AskAsync("db"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await AskAsync("db", "x-key: 1\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_limits_its_requests_has_none()
    {
        await using var server = RawServer.Echo();
        var limited = new ServiceSpec { Traffic = new TrafficPolicy { Limits = new RequestLimits { Concurrent = 5 } } };
        var rated = new ServiceSpec { Traffic = new TrafficPolicy { RateLimit = new RateLimit { Requests = 5 } } };
        _proxy.Serve("shop/limited", limited, At(server.Port));
        _proxy.Serve("shop/rated", rated, At(server.Port));
        _proxy.Serve("shop/front", Rules(Rule("all") with { BackendRefs = [new BackendRef { Name = "rated" }] }));

        foreach (var service in (string[])["limited", "rated", "front"])
        {
            var answer = await AskAsync(service);
            Assert.StartsWith("HTTP/1.1 404", answer, StringComparison.Ordinal);
            Assert.Contains("mesh-error: no-route", answer, StringComparison.Ordinal);
        }

        Assert.Equal(0, server.Accepted);
    }

    [Fact]
    public async Task Limits_of_a_service_of_bytes_bound_its_connections()
    {
        await using var server = RawServer.Echo();
        var traffic = new TrafficPolicy { Limits = new RequestLimits { Concurrent = 1 } };
        _proxy.Serve("shop/db", new ServiceSpec { Protocol = ServiceProtocol.Tcp, Traffic = traffic }, At(server.Port));
        using (var first = await Tunneled.ConnectAsync(_proxy.Addresses.Outbound.Port))
        {
            await first.SendAsync("CONNECT db:80 HTTP/1.1\r\nHost: db:80\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 200", await first.ReadHeadAsync(), StringComparison.Ordinal);

            var second = await AskAsync("db");
            Assert.StartsWith("HTTP/1.1 503", second, StringComparison.Ordinal);
            Assert.Contains("mesh-error: overloaded", second, StringComparison.Ordinal);
        }

        var gate = _proxy.Table.GetOrAdd(new("shop", "db")).Gate!;
        await Eventually.Holds("the first has left", () => gate.InFlight == 0);
        Assert.StartsWith("HTTP/1.1 200", await AskAsync("db"), StringComparison.Ordinal);
        await Eventually.Holds("the third has left", () => gate.InFlight == 0);

        // One that cannot be opened leaves as well.
        _proxy.Serve("shop/db", new ServiceSpec { Protocol = ServiceProtocol.Tcp, Traffic = traffic }, At(FreePort.Next()));
        Assert.StartsWith("HTTP/1.1 502", await AskAsync("db"), StringComparison.Ordinal);
        Assert.Equal(0, gate.InFlight);
    }

    [Fact]
    public async Task A_proxy_that_can_bear_no_more_opens_none()
    {
        await using var server = RawServer.Echo();
        await using var proxy = await ProxyHost.StartAsync(limits: new LimitOptions { MaxRequests = 1 });
        proxy.Serve("shop/db", new ServiceSpec(), At(server.Port));
        using var first = await Tunneled.ConnectAsync(proxy.Addresses.Outbound.Port);
        await first.SendAsync("CONNECT db:80 HTTP/1.1\r\nHost: db:80\r\n\r\n");
        await first.ReadHeadAsync();
        await Eventually.Holds("it is open", () => proxy.Active.Outbound == 1);

        var answer = await RawHttp.SendAsync(proxy.Addresses.Outbound, "CONNECT db:80 HTTP/1.1\r\nHost: db:80\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 503", answer, StringComparison.Ordinal);
        Assert.Contains("Mesh:Limits:MaxRequests", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_another_request_on_the_same_connection_it_is_refused()
    {
        await using var upstream = await Upstream.NamedAsync("ok");
        _proxy.Serve("shop/web", new ServiceSpec(), At(upstream.Port));

        var answer = await RawHttp.SendAsync(
            _proxy.Addresses.Outbound, "GET / HTTP/1.1\r\nHost: web\r\n\r\nCONNECT web:80 HTTP/1.1\r\nHost: web:80\r\nConnection: close\r\n\r\n");

        Assert.Contains("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains("mesh-error: bad-request", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_inbound_listener_opens_none()
    {
        await using var server = RawServer.Echo();
        await using var proxy = await ProxyHost.StartAsync(new("127.0.0.1", server.Port));

        var answer = await RawHttp.SendAsync(proxy.Addresses.Inbound!, "CONNECT db:80 HTTP/1.1\r\nHost: db:80\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Equal(0, server.Accepted);
    }

    private async Task<string> AskAsync(string host, string headers = "")
    {
        using var client = await Tunneled.ConnectAsync(_proxy.Addresses.Outbound.Port);
        await client.SendAsync($"CONNECT {host}:80 HTTP/1.1\r\nHost: {host}:80\r\n{headers}\r\n");
        return await client.ReadHeadAsync();
    }
}
