using System.Net;
using System.Net.Sockets;
using System.Text;
using Mesh.Abstractions.Access;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Listeners;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using Mesh.Testing.Identity;
using static Mesh.Proxy.Tests.Hosting.Snapshots;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Tests.Tcp;

/// <summary>Opaque bytes between two proxies with identities, over real sockets.</summary>
public sealed class SecureTcpTests : IAsyncLifetime
{
    private static readonly TimeProvider Time = TimeProvider.System;

    private RawServer _app = null!;
    private ProxyPair _pair = null!;

    private ProxyHost From => _pair.From;

    private ProxyHost To => _pair.To;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _pair.DisposeAsync();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Bytes_go_by_mutual_TLS_and_the_caller_is_known()
    {
        await StartAsync(RawServer.Echo());
        _pair.Serve(new ServiceSpec
        {
            Protocol = ServiceProtocol.Tcp,
            Mtls = MtlsMode.Strict,
            Access = new AccessPolicy { Rules = [new AccessRule { Name = "caller", Action = AccessAction.Allow, From = new AccessSource { Identities = [ProxyPair.Caller] } }] },
        });
        using var client = await Connect(From.Addresses.Tcp[0].Port);

        Assert.Equal("hello", await Exchange(client, "hello"));
        Assert.Equal("again", await Exchange(client, "again"));

        _pair.Hold(_pair.Calling, "shop/other");
        Assert.Equal("", await Exchange(From.Addresses.Tcp[0].Port, "hello"));
        Assert.Contains(To.Logs.Messages, static message => message.Contains("/ns/shop/svc/other may not call shop/db", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_direction_ends_by_itself()
    {
        await StartAsync(new RawServer(static async socket =>
        {
            var said = await Tunneled.ReadToEndAsync(socket);
            await socket.SendAsync(Encoding.ASCII.GetBytes($"got {said}"));
        }));
        _pair.Serve(new ServiceSpec { Protocol = ServiceProtocol.Tcp });
        using var client = await Connect(From.Addresses.Tcp[0].Port);

        await client.SendAsync("all of it"u8.ToArray());
        client.Shutdown(SocketShutdown.Send);

        Assert.Equal("got all of it", await Tunneled.ReadToEndAsync(client).WaitAsync(Eventually.Deadline, Time));
    }

    [Fact]
    public async Task Much_passes_unchanged()
    {
        await StartAsync(RawServer.Echo());
        _pair.Serve(new ServiceSpec { Protocol = ServiceProtocol.Tcp });
        using var client = await Connect(From.Addresses.Tcp[0].Port);
        var sent = new byte[4 << 20];
        new Random(1).NextBytes(sent);

        var sending = client.SendAsync(sent);
        var received = new byte[sent.Length];
        for (var count = 0; count < received.Length;)
        {
            var read = await client.ReceiveAsync(received.AsMemory(count)).AsTask().WaitAsync(Eventually.Deadline, Time);
            Assert.True(read > 0);
            count += read;
        }

        await sending;
        Assert.Equal(sent, received);
    }

    [Fact]
    public async Task Who_proves_to_be_somebody_else_gets_no_connection()
    {
        await StartAsync(RawServer.Echo());
        _pair.Hold(_pair.Called, "shop/other");
        _pair.Serve(new ServiceSpec { Protocol = ServiceProtocol.Tcp });

        Assert.Equal("", await Exchange(From.Addresses.Tcp[0].Port, "hello"));
        Assert.Contains(From.Logs.Messages, static message => message.Contains("is expected", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Plaintext_is_taken_when_permissive_also_where_the_server_speaks_first_and_refused_when_strict()
    {
        await StartAsync(new RawServer(static async socket =>
        {
            await socket.SendAsync("ready"u8.ToArray());
            await socket.ReceiveAsync(new byte[16]);
        }));
        _pair.Serve(new ServiceSpec { Protocol = ServiceProtocol.Tcp });
        using (var silent = await Connect(To.Addresses.Inbound!.Port))
        {
            Assert.Equal("ready", await Receive(silent));
        }

        Assert.Contains("mesh_inbound_plaintext_requests_total{caller=\"127.0.0.1\"} 1", await To.AdminAsync("/metrics"), StringComparison.Ordinal);

        _pair.Serve(new ServiceSpec { Protocol = ServiceProtocol.Tcp, Mtls = MtlsMode.Strict });
        Assert.Equal("", await Exchange(To.Addresses.Inbound!.Port, "MESH-TLS/2\r\n"));
    }

    [Fact]
    public async Task A_plaintext_caller_that_has_sent_all_it_will_is_heard()
    {
        await StartAsync(new RawServer(static async socket => await socket.SendAsync(Encoding.ASCII.GetBytes($"got {await Tunneled.ReadToEndAsync(socket)}"))));
        _pair.Serve(new ServiceSpec { Protocol = ServiceProtocol.Tcp });
        for (var i = 0; i < 50; i++)
        {
            using var client = await Connect(To.Addresses.Inbound!.Port);
            await client.SendAsync("x"u8.ToArray());
            client.Shutdown(SocketShutdown.Send);

            Assert.Equal("got x", await Tunneled.ReadToEndAsync(client).WaitAsync(Eventually.Deadline, Time));
        }
    }

    [Theory]
    [InlineData("MESH-TLS/1\r\nnothing like TLS")]
    [InlineData("MESH-TLS/1\r\n")]
    public async Task What_only_begins_like_a_proxy_does_not_come_in(string bytes)
    {
        await StartAsync(RawServer.Echo());
        _pair.Serve(new ServiceSpec { Protocol = ServiceProtocol.Tcp });
        using var client = await Connect(To.Addresses.Inbound!.Port);
        await client.SendAsync(Encoding.ASCII.GetBytes(bytes));
        client.Shutdown(SocketShutdown.Send);

        Assert.Equal("", await Receive(client));
    }

    [Fact]
    public async Task Off_is_plaintext()
    {
        await StartAsync(RawServer.Echo());
        _pair.Serve(new ServiceSpec { Protocol = ServiceProtocol.Tcp, Mtls = MtlsMode.Off });
        using var client = await Connect(From.Addresses.Tcp[0].Port);

        Assert.Equal("hello", await Exchange(client, "hello"));
        Assert.Contains("mesh_inbound_plaintext_requests_total{caller=\"127.0.0.1\"} 1", await To.AdminAsync("/metrics"), StringComparison.Ordinal);
    }

    private static async Task<Socket> Connect(int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return socket;
    }

    /// <returns>Empty when the connection was closed, be it as soon as it was made.</returns>
    private static async Task<string> Exchange(int port, string text)
    {
        try
        {
            using var client = await Connect(port);
            return await Exchange(client, text);
        }
        catch (SocketException)
        {
            return "";
        }
    }

    /// <returns>Empty when the connection was closed.</returns>
    private static async Task<string> Exchange(Socket client, string text)
    {
        try
        {
            await client.SendAsync(Encoding.ASCII.GetBytes(text));
        }
        catch (SocketException)
        {
            return "";
        }

        return await Receive(client);
    }

    private static async Task<string> Receive(Socket client)
    {
        try
        {
            var buffer = new byte[1024];
            var count = await client.ReceiveAsync(buffer).WaitAsync(Eventually.Deadline, Time);
            return Encoding.ASCII.GetString(buffer, 0, count);
        }
        catch (SocketException)
        {
            return "";
        }
    }

    private async Task StartAsync(RawServer app)
    {
        _app = app;
        _pair = await ProxyPair.StartAsync(
            new AppOptions("127.0.0.1", app.Port, ServiceProtocol.Tcp),
            "shop/db",
            from: static options => options with { Tcp = [new TcpListenerOptions(new ServiceName("shop", "db"), "tcp://127.0.0.1:0")] });
    }
}
