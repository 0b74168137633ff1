using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Mesh.Proxy.Tcp;
using Mesh.Proxy.Tests.Hosting;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Proxy.Tests.Tcp;

/// <summary>Both ends of a tunnel notice a peer that has vanished.</summary>
public sealed class KeepAliveTests
{
    [Fact]
    public async Task Endpoints_are_asked_whether_they_are_still_there()
    {
        await using var server = RawServer.Echo();

        using var socket = await EndpointSocket.ConnectAsync("127.0.0.1", server.Port, TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        AssertEnabled(socket);
    }

    [Fact]
    public async Task Callers_are_asked_whether_they_are_still_there()
    {
        await using var server = RawServer.Echo();
        foreach (var isStream in (bool[])[true, false])
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, server.Port, TestContext.Current.CancellationToken);
            var feature = new SocketFeature(socket);
            var pipe = new Pipe();
            var connection = new DefaultConnectionContext("1", new DuplexPipe(pipe.Reader, pipe.Writer), new DuplexPipe(pipe.Reader, pipe.Writer));
            connection.Features.Set<IConnectionSocketFeature>(feature);

            _ = isStream ? (TunnelEnd)new RequestEnd(new DefaultHttpContext(connection.Features)) : new ConnectionEnd(connection);

            AssertEnabled(socket);
        }
    }

    [Fact]
    public void A_socket_that_is_closed_already_is_left_alone()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Dispose();

        Assert.Null(Record.Exception(() => KeepAlive.Enable(socket)));
    }

    private static void AssertEnabled(Socket socket)
    {
        Assert.NotEqual(0, socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive));
        Assert.Equal(60, socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime));
        Assert.Equal(10, socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval));
    }

    private sealed record SocketFeature(Socket Socket) : IConnectionSocketFeature;

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
