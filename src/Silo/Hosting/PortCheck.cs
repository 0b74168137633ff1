using System.Net;
using System.Net.Sockets;

namespace Mesh.Silo.Hosting;

/// <summary>
/// Orleans binds its ports so that several processes can share them: a second silo would start without a word, and
/// the kernel would split the proxies between two clusters. So each port is tried alone first.
/// </summary>
internal static class PortCheck
{
    /// <exception cref="SiloStartException">Somebody listens on the port already.</exception>
    public static void EnsureFree(IPAddress address, int port, string key)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(1);
        }
        catch (SocketException exception)
        {
            throw new SiloStartException(
                $"{address}:{port} cannot be used ({exception.Message}). If another silo runs here, stop it or choose another port with {key}.",
                exception);
        }
    }
}
