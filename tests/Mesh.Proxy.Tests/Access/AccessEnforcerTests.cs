using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Mesh.Abstractions.Access;
using Mesh.Abstractions.Services;
using Mesh.Testing;

namespace Mesh.Proxy.Tests.Access;

/// <summary>Changes of who may call, and what is under way.</summary>
public sealed class AccessEnforcerTests : AccessTestBase
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_under_way_ends_when_it_is_no_longer_allowed(bool isByNamespace)
    {
        Serve(null);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Host", "web");
        await socket.ConnectAsync(new UriBuilder(From.Addresses.Outbound) { Scheme = "ws" }.Uri, TestContext.Current.CancellationToken);
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
        var answer = new byte[64];
        await socket.ReceiveAsync(answer, TestContext.Current.CancellationToken);

        if (isByNamespace)
        {
            To.Serve(NamespaceSettings.Of("shop").ToString(), new ServiceSpec { NamespaceSettings = new NamespaceSettings { AccessDefault = AccessDefault.Deny } });
        }
        else
        {
            Serve(new AccessPolicy { Rules = [DenyCaller] });
        }

        await Assert.ThrowsAnyAsync<WebSocketException>(() => socket.ReceiveAsync(answer, TestContext.Current.CancellationToken).WaitAsync(Eventually.Deadline, Time));
        Assert.Contains("mesh_access_ended_total 1", await To.AdminAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_under_way_in_plaintext_ends_when_the_service_becomes_strict()
    {
        Serve(null);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Host", "web");
        await socket.ConnectAsync(new UriBuilder(To.Addresses.Inbound!) { Scheme = "ws" }.Uri, TestContext.Current.CancellationToken);

        Pair.Serve(new ServiceSpec { Mtls = MtlsMode.Strict });

        await Assert.ThrowsAnyAsync<WebSocketException>(() => socket.ReceiveAsync(new byte[64], TestContext.Current.CancellationToken).WaitAsync(Eventually.Deadline, Time));
    }

    [Fact]
    public async Task What_is_still_allowed_goes_on()
    {
        Serve(null);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Host", "web");
        await socket.ConnectAsync(new UriBuilder(From.Addresses.Outbound) { Scheme = "ws" }.Uri, TestContext.Current.CancellationToken);
        using var other = new ClientWebSocket();
        other.Options.SetRequestHeader("Host", "web");
        await other.ConnectAsync(new UriBuilder(To.Addresses.Inbound!) { Scheme = "ws" }.Uri, TestContext.Current.CancellationToken);

        Serve(new AccessPolicy { Rules = [AllowCaller] });

        await Assert.ThrowsAnyAsync<WebSocketException>(() => other.ReceiveAsync(new byte[64], TestContext.Current.CancellationToken).WaitAsync(Eventually.Deadline, Time));
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
        var answer = new byte[64];
        var received = await socket.ReceiveAsync(answer, TestContext.Current.CancellationToken);
        Assert.Equal("hello", Encoding.UTF8.GetString(answer, 0, received.Count));
    }

    [Fact]
    public async Task Connections_of_opaque_bytes_are_let_in_by_address_and_ended_as_well()
    {
        await Pair.ReplaceCalledAsync(App(ServiceProtocol.Tcp));
        Serve(new AccessPolicy { Rules = [new AccessRule { Name = "near", Action = AccessAction.Allow, From = new AccessSource { Addresses = ["127.0.0.0/8"] } }] });
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, To.Addresses.Inbound!.Port);
        await client.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: web\r\n\r\n"u8.ToArray());
        Assert.True(await client.GetStream().ReadAsync(new byte[4096]).AsTask().WaitAsync(Eventually.Deadline, Time) > 0);

        Serve(new AccessPolicy { Default = AccessDefault.Deny });
        Assert.True(await IsClosed(client));
        using var next = new TcpClient();
        await next.ConnectAsync(IPAddress.Loopback, To.Addresses.Inbound!.Port);
        Assert.True(await IsClosed(next));
    }

    private static async Task<bool> IsClosed(TcpClient client)
    {
        try
        {
            return await client.GetStream().ReadAsync(new byte[4096]).AsTask().WaitAsync(Eventually.Deadline, Time) == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
