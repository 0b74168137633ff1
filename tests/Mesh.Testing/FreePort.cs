using System.Net;
using System.Net.Sockets;

namespace Mesh.Testing;

/// <summary>
/// Ports on loopback nobody listens on right now. A port is handed out once per process. They lie below those that the
/// kernel gives to outgoing connections (32768 and up): while a server is being restarted, no connection takes its port.
/// </summary>
public static class FreePort
{
    private const int First = 12_000;
    private const int End = 29_000;

    private static readonly HashSet<int> Given = [];

    public static int Next()
    {
        lock (Given)
        {
            while (true)
            {
                var port = Random.Shared.Next(First, End);
                if (IsFree(port) && Given.Add(port))
                {
                    return port;
                }
            }
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
