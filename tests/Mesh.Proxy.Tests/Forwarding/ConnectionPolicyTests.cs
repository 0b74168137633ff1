using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using Microsoft.Extensions.Time.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Forwarding;

public sealed class ConnectionPolicyTests : IAsyncLifetime
{
    private ProxyHost _proxy = null!;

    public async ValueTask InitializeAsync() => _proxy = await ProxyHost.StartAsync();

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    [Fact]
    public async Task No_more_connections_than_allowed_and_nobody_loses_by_waiting()
    {
        var (active, most) = (0, 0);
        await using var upstream = await Upstream.StartAsync(async context =>
        {
            most = Math.Max(most, Interlocked.Increment(ref active));
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            Interlocked.Decrement(ref active);
        });
        Serve(new ConnectionPolicy { MaxPerEndpoint = 2 }, upstream.Port);

        var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _proxy.GetAsync("web")));

        Assert.All(responses, static response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        Assert.Equal(2, most);
    }

    [Fact]
    public async Task Waiting_for_a_connection_ends_in_time_and_is_not_the_endpoints_fault()
    {
        var finish = new TaskCompletionSource();
        var reached = new TaskCompletionSource();
        await using var upstream = await Upstream.StartAsync(context =>
        {
            reached.TrySetResult();
            return finish.Task;
        });
        var quick = Rule("quick", Prefix("/quick")) with { Timeouts = new RouteTimeouts { BackendRequest = TimeSpan.FromMilliseconds(200) } };
        Serve(new ConnectionPolicy { MaxPerEndpoint = 1 }, upstream.Port, quick, Rule("rest"));
        var holding = _proxy.GetAsync("web");
        await reached.Task.WaitAsync(Eventually.Deadline, TimeProvider.System);

        using var response = await _proxy.GetAsync("web", "/quick");

        Assert.Equal((504, "timeout"), ((int)response.StatusCode, response.Headers.GetValues("mesh-error").Single()));
        Assert.Equal(0, Endpoint.Stats.Failures);
        Assert.False(Endpoint.Stats.Ejection.IsOut);
        finish.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await holding).StatusCode);
    }

    [Fact]
    public async Task A_request_that_has_its_connection_and_gets_no_answer_is()
    {
        await using var upstream = await Upstream.StartAsync(static context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
        var quick = Rule("quick") with { Timeouts = new RouteTimeouts { BackendRequest = TimeSpan.FromMilliseconds(200) } };
        Serve(new ConnectionPolicy { MaxPerEndpoint = 1 }, upstream.Port, quick);

        using var response = await _proxy.GetAsync("web");

        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Equal(1, Endpoint.Stats.Failures);
        Assert.True(Endpoint.Stats.Ejection.IsOut);
    }

    [Fact]
    public async Task Connecting_takes_no_longer_than_allowed()
    {
        // Linux lets no more connections in than the backlog holds; further ones wait.
        using var full = new Socket(SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        var address = full.LocalEndPoint!;
        using var first = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await first.ConnectAsync(address);
        Serve(new ConnectionPolicy { ConnectTimeout = TimeSpan.FromMilliseconds(100) }, ((IPEndPoint)address).Port);
        var started = Stopwatch.GetTimestamp();

        using var response = await _proxy.GetAsync("web");

        Assert.Equal((502, "connect-failed"), ((int)response.StatusCode, response.Headers.GetValues("mesh-error").Single()));
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.FromMilliseconds(90), ConnectionDefaults.ConnectTimeout);
    }

    [Fact]
    public async Task An_idle_connection_is_closed()
    {
        var closed = new TaskCompletionSource();
        await using var server = new RawServer(async socket =>
        {
            await AnswerAllAsync(socket);
            closed.SetResult();
        });
        Serve(new ConnectionPolicy { IdleTimeout = TimeSpan.FromSeconds(1) }, server.Port);

        Assert.Equal(HttpStatusCode.OK, (await _proxy.GetAsync("web")).StatusCode);

        await closed.Task.WaitAsync(Eventually.Deadline, TimeProvider.System);
    }

    [Fact]
    public async Task An_old_connection_gets_no_new_requests()
    {
        await using var server = new RawServer(AnswerAllAsync);
        Serve(new ConnectionPolicy { Lifetime = TimeSpan.FromSeconds(1) }, server.Port);

        await Eventually.Holds("a second connection", async () =>
        {
            Assert.Equal(HttpStatusCode.OK, (await _proxy.GetAsync("web")).StatusCode);
            return server.Accepted > 1;
        });
    }

    [Fact]
    public void Services_with_equal_policies_share_their_connections()
    {
        using var standard = new UpstreamClient();
        using var clients = new UpstreamClients(standard, TimeProvider.System);

        Assert.Same(standard, clients.For(null));
        Assert.Same(standard, clients.For(new ConnectionPolicy()));
        Assert.NotSame(standard, clients.For(new ConnectionPolicy { MaxPerEndpoint = 1 }));
        Assert.Same(clients.For(new ConnectionPolicy { MaxPerEndpoint = 1 }), clients.For(new ConnectionPolicy { MaxPerEndpoint = 1 }));
    }

    [Fact]
    public async Task Connections_nobody_needs_are_closed_after_a_while()
    {
        var time = new FakeTimeProvider();
        using var standard = new UpstreamClient();
        using var clients = new UpstreamClients(standard, time);
        Serve(new ConnectionPolicy { MaxPerEndpoint = 1 }, port: 1);
        clients.For(new ConnectionPolicy { MaxPerEndpoint = 1 });
        var unused = clients.For(new ConnectionPolicy { MaxPerEndpoint = 2 });

        time.Advance(UpstreamClients.Grace);
        clients.CloseUnused(_proxy.Table.All);
        Assert.Equal(2, clients.Count);

        time.Advance(TimeSpan.FromSeconds(1));
        clients.CloseUnused(_proxy.Table.All);
        Assert.Equal(1, clients.Count);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => unused.Invoker.SendAsync(new HttpRequestMessage(HttpMethod.Get, "http://127.0.0.1:1/"), default));
        Assert.NotSame(unused, clients.For(new ConnectionPolicy { MaxPerEndpoint = 2 }));
    }

    private static async Task AnswerAllAsync(Socket socket)
    {
        while (await RawServer.ReadHeadAsync(socket) is { Length: > 0 })
        {
            await socket.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray());
        }
    }

    private UpstreamEndpoint Endpoint => _proxy.Table.GetOrAdd(new("shop", "web")).Model!.Endpoints.All[0];

    private void Serve(ConnectionPolicy policy, int port, params RouteRule[] rules) => _proxy.Serve("shop/web", Rules(rules) with
    {
        Traffic = new TrafficPolicy
        {
            Connections = policy,
            OutlierDetection = new OutlierDetection { ConsecutiveFailures = 1, MaxEjectedPercent = 100 },
        },
    }, At(port));
}
