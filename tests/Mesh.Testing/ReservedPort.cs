using System.Net;
using System.Net.Sockets;

namespace Mesh.Testing;

/// <summary>
/// A port on loopback for a server that comes and goes. While nobody listens, connections are refused, and the kernel
/// gives the port to no outgoing connection either, which would keep the server from coming back.
/// </summary>
public sealed class ReservedPort : IDisposable
{
    /// <summary>Bound and not listening: who sets SO_REUSEADDR, as .NET does, may listen on the port beside it.</summary>
    private readonly Socket _holder = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public ReservedPort() => _holder.Bind(new IPEndPoint(IPAddress.Loopback, FreePort.Next()));

    public int Number => ((IPEndPoint)_holder.LocalEndPoint!).Port;

    public void Dispose() => _holder.Dispose();
}
