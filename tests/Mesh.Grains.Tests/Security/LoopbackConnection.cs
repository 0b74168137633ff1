using System.IO.Pipelines;
using System.Net;
using Mesh.Abstractions.Connections;
using Microsoft.AspNetCore.Connections;

namespace Mesh.Grains.Tests.Security;

/// <summary>Two ends of a connection in memory.</summary>
internal sealed class LoopbackConnection
{
    private readonly Pipe _toServer = new();
    private readonly Pipe _toClient = new();

    public LoopbackConnection(string address = "10.1.2.3")
    {
        var endPoint = new IPEndPoint(IPAddress.Parse(address), 40000);
        Server = new DefaultConnectionContext("server") { Transport = new TransportPipes(_toServer.Reader, _toClient.Writer), RemoteEndPoint = endPoint };
        Client = new DefaultConnectionContext("client") { Transport = new TransportPipes(_toClient.Reader, _toServer.Writer), RemoteEndPoint = endPoint };
    }

    public DefaultConnectionContext Server { get; }

    public DefaultConnectionContext Client { get; }

    /// <summary>The client's end goes away.</summary>
    public void CloseClient()
    {
        _toServer.Writer.Complete();
        _toClient.Reader.Complete();
    }

    /// <summary>The server's end goes away.</summary>
    public void CloseServer()
    {
        _toClient.Writer.Complete();
        _toServer.Reader.Complete();
    }
}
