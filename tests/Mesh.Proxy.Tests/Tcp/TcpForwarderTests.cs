using System.Net;
using System.Net.Sockets;
using System.Text;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Limits;
using Mesh.Proxy.Listeners;
using Mesh.Proxy.Services;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Tcp;

public sealed class TcpForwarderTests : IAsyncLifetime
{
    private static readonly ServiceName Database = new("shop", "db");

    private ProxyHost _proxy = null!;

    public async ValueTask InitializeAsync() => _proxy = await ProxyHost.StartAsync(
        configure: static options => options with { Tcp = [new TcpListenerOptions(Database, "tcp://127.0.0.1:0")] });

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    [Fact]
    public async Task Bytes_pass_both_ways_and_are_counted()
    {
        await using var server = RawServer.Echo();
        Serve(At(server.Port));
        using var client = await ConnectAsync();

        Assert.Equal("hello", await client.ExchangeAsync("hello"));
        Assert.Equal("again", await client.ExchangeAsync("again"));

        var metrics = await _proxy.AdminAsync("/metrics");
        Assert.Contains("mesh_tcp_connections_total{service=\"shop/db\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("mesh_tcp_active_connections{service=\"shop/db\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("mesh_tcp_bytes_total{service=\"shop/db\",direction=\"sent\"} 10\n", metrics, StringComparison.Ordinal);
        Assert.Contains("mesh_tcp_bytes_total{service=\"shop/db\",direction=\"received\"} 10\n", metrics, StringComparison.Ordinal);
        PrometheusText.AssertValid(metrics);
        Assert.Equal(1, Endpoint(0).Stats.InFlight);

        client.Dispose();
        await Eventually.Holds("the connection is over", () => Endpoint(0).Stats.InFlight == 0 && _proxy.Active.Outbound == 0);
    }

    [Fact]
    public async Task A_caller_that_has_said_all_still_hears_the_answer()
    {
        await using var server = new RawServer(static async socket =>
        {
            var said = await Tunneled.ReadToEndAsync(socket);
            await socket.SendAsync(Encoding.ASCII.GetBytes($"got {said}"));
        });
        Serve(At(server.Port));
        using var client = await ConnectAsync();

        await client.SendAsync("everything");
        client.FinishSending();

        Assert.Equal("got everything", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task An_endpoint_that_has_said_all_still_hears_the_caller()
    {
        var heard = new TaskCompletionSource<string>();
        await using var server = new RawServer(async socket =>
        {
            await socket.SendAsync("bye"u8.ToArray());
            socket.Shutdown(SocketShutdown.Send);
            heard.SetResult(await Tunneled.ReadToEndAsync(socket));
        });
        Serve(At(server.Port));
        using var client = await ConnectAsync();

        Assert.Equal("bye", await client.ReadToEndAsync());
        await client.SendAsync("still here");
        client.FinishSending();

        Assert.Equal("still here", await heard.Task.WaitAsync(Eventually.Deadline, TimeProvider.System));
    }

    [Fact]
    public async Task A_connection_that_breaks_is_broken_on_the_other_side()
    {
        await using var server = new RawServer(static async socket =>
        {
            await socket.ReceiveAsync(new byte[1]);
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        });
        Serve(At(server.Port));
        using var client = await ConnectAsync();

        await client.SendAsync("x");

        await Assert.ThrowsAsync<SocketException>(client.ReadToEndAsync);
    }

    [Fact]
    public async Task Goes_to_another_endpoint_when_one_does_not_listen()
    {
        await using var server = RawServer.Echo();
        Serve(At(FreePort.Next(), "down-1"), At(server.Port, "up"), At(FreePort.Next(), "down-2"));

        for (var i = 0; i < 10; i++)
        {
            using var client = await ConnectAsync();
            Assert.Equal("hi", await client.ExchangeAsync("hi"));
        }
    }

    [Fact]
    public async Task A_service_that_cannot_be_reached_closes_the_connection_and_says_why()
    {
        Serve(At(FreePort.Next()));
        using var client = await ConnectAsync();

        Assert.Equal("", await client.ReadWhatComesAsync());

        Assert.Contains(_proxy.Logs.Messages, static message => message.Contains("shop/db", StringComparison.Ordinal) && message.Contains("connect-failed", StringComparison.Ordinal));
        Assert.Contains("mesh_errors_total{service=\"shop/db\",code=\"connect-failed\"} 1\n", await _proxy.AdminAsync("/metrics"), StringComparison.Ordinal);
        Assert.Equal(1, Endpoint(0).Stats.Failures);
    }

    [Fact]
    public async Task Follows_rules_that_only_name_backends()
    {
        await using var server = new RawServer(static async socket => await socket.SendAsync("canary"u8.ToArray()));
        _proxy.Serve("shop/db-canary", new ServiceSpec { Protocol = ServiceProtocol.Tcp }, At(server.Port));
        _proxy.Serve("shop/db", new ServiceSpec
        {
            Protocol = ServiceProtocol.Tcp,
            Routes = [Rule("all") with { BackendRefs = [new BackendRef { Name = "db-canary" }] }],
        });
        using var client = await ConnectAsync();

        Assert.Equal("canary", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task Asks_for_its_service_when_nothing_is_known_of_it()
    {
        await using var server = RawServer.Echo();
        _proxy.Source.Answer("db.shop", () =>
        {
            Serve(At(server.Port));
            return ServiceLookup.Found(_proxy.Table.GetOrAdd(Database));
        });
        using var client = await ConnectAsync();

        Assert.Equal("hi", await client.ExchangeAsync("hi"));
    }

    [Fact]
    public async Task Much_passes_in_constant_memory_when_the_other_side_is_slow()
    {
        const int Size = 64 << 20;
        var go = new TaskCompletionSource();
        await using var server = new RawServer(async socket =>
        {
            await go.Task;
            var buffer = new byte[64 * 1024];
            var total = 0L;
            while (await socket.ReceiveAsync(buffer) is > 0 and var count)
            {
                total += count;
            }

            await socket.SendAsync(Encoding.ASCII.GetBytes($"{total}"));
        });
        Serve(At(server.Port));
        using var client = await ConnectAsync();
        var sending = Task.Run(async () =>
        {
            var chunk = new byte[64 * 1024];
            for (var sent = 0; sent < Size; sent += chunk.Length)
            {
                await client.SendAsync(chunk);
            }

            client.FinishSending();
        });

        // As much as the sockets and the proxy take while nobody reads.
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await Eventually.Holds("the sender has to wait", async () =>
        {
            var sent = _proxy.Table.GetOrAdd(Database).Tunnels.Sent;
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            return sent > 0 && _proxy.Table.GetOrAdd(Database).Tunnels.Sent == sent;
        });
        Assert.False(sending.IsCompleted);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 8 << 20);
        go.SetResult();
        await sending;

        Assert.Equal($"{Size}", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task Shutting_down_waits_for_what_is_open()
    {
        await using var server = RawServer.Echo();
        Serve(At(server.Port));
        using var client = await ConnectAsync();
        Assert.Equal("before", await client.ExchangeAsync("before"));

        var stopping = _proxy.StopAsync();
        await Eventually.Holds("nothing new is taken", async () =>
        {
            using var late = new TcpClient();
            return await Record.ExceptionAsync(() => late.ConnectAsync(IPAddress.Loopback, _proxy.Addresses.Tcp[0].Port)) is SocketException;
        });

        Assert.Equal("after", await client.ExchangeAsync("after"));
        Assert.False(stopping.IsCompleted);
        client.FinishSending();
        Assert.Equal("", await client.ReadToEndAsync());
        await stopping.WaitAsync(Eventually.Deadline, TimeProvider.System);
    }

    [Fact]
    public async Task An_application_of_bytes_gets_them_through_the_inbound_listener()
    {
        await using var server = RawServer.Echo();
        await using var proxy = await ProxyHost.StartAsync(new AppOptions("127.0.0.1", server.Port, ServiceProtocol.Tcp));
        using var client = await Tunneled.ConnectAsync(proxy.Addresses.Inbound!.Port);

        Assert.Equal("GET / HTTP/1.1\r\n", await client.ExchangeAsync("GET / HTTP/1.1\r\n"));
        Assert.Equal(1, proxy.Active.Inbound);
        client.FinishSending();
        Assert.Equal("", await client.ReadToEndAsync());
        await Eventually.Holds("the connection is over", () => proxy.Active.Inbound == 0);
    }

    [Fact]
    public async Task More_connections_than_the_service_may_have_are_closed()
    {
        await using var server = RawServer.Echo();
        var traffic = new TrafficPolicy { Limits = new RequestLimits { Concurrent = 1 } };
        _proxy.Serve("shop/db", new ServiceSpec { Protocol = ServiceProtocol.Tcp, Traffic = traffic }, At(server.Port));
        using var first = await ConnectAsync();
        Assert.Equal("hi", await first.ExchangeAsync("hi"));

        using var second = await ConnectAsync();
        Assert.Equal("", await second.ReadWhatComesAsync());

        Assert.Contains(_proxy.Logs.Messages, static message => message.Contains("overloaded", StringComparison.Ordinal));
        Assert.Contains("mesh_errors_total{service=\"shop/db\",code=\"overloaded\"} 1\n", await _proxy.AdminAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_that_can_bear_no_more_closes_connections()
    {
        await using var server = RawServer.Echo();
        await using var proxy = await ProxyHost.StartAsync(
            new AppOptions("127.0.0.1", server.Port, ServiceProtocol.Tcp),
            limits: new LimitOptions { MaxRequests = 1 },
            configure: static options => options with { Tcp = [new TcpListenerOptions(Database, "tcp://127.0.0.1:0")] });
        proxy.Serve("shop/db", new ServiceSpec { Protocol = ServiceProtocol.Tcp }, At(server.Port));
        using var first = await Tunneled.ConnectAsync(proxy.Addresses.Tcp[0].Port);
        Assert.Equal("hi", await first.ExchangeAsync("hi"));

        using var outbound = await Tunneled.ConnectAsync(proxy.Addresses.Tcp[0].Port);
        Assert.Equal("", await outbound.ReadWhatComesAsync());
        using var inbound = await Tunneled.ConnectAsync(proxy.Addresses.Inbound!.Port);
        Assert.Equal("", await inbound.ReadWhatComesAsync());

        var metrics = await proxy.AdminAsync("/metrics");
        Assert.Contains("mesh_errors_total{service=\"shop/db\",code=\"overloaded\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("mesh_inbound_errors_total{code=\"overloaded\"} 1\n", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_of_bytes_is_no_HTTP_service()
    {
        await using var server = RawServer.Echo();
        Serve(At(server.Port));

        using var response = await _proxy.GetAsync("db");

        Assert.Equal((400, "bad-request"), ((int)response.StatusCode, response.Headers.GetValues("mesh-error").Single()));
        Assert.Equal(0, server.Accepted);
    }

    private void Serve(params Mesh.Abstractions.Endpoints.Endpoint[] endpoints) =>
        _proxy.Serve("shop/db", new ServiceSpec { Protocol = ServiceProtocol.Tcp }, endpoints);

    private Mesh.Proxy.Balancing.UpstreamEndpoint Endpoint(int index) => _proxy.Table.GetOrAdd(Database).Model!.Endpoints.All[index];

    private Task<Tunneled> ConnectAsync() => Tunneled.ConnectAsync(_proxy.Addresses.Tcp[0].Port);
}
