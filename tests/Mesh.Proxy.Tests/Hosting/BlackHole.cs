using System.Net;
using System.Net.Sockets;

namespace Mesh.Proxy.Tests.Hosting;

/// <summary>An address at which connecting neither works nor fails: its queue of connections that nobody accepts is full.</summary>
internal sealed class BlackHole : IDisposable
{
    private readonly Socket _listener = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _fillers = [];

    private BlackHole()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(0);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public static async Task<BlackHole> StartAsync()
    {
        var hole = new BlackHole();
        for (var i = 0; i < 64; i++)
        {
            var filler = new Socket(SocketType.Stream, ProtocolType.Tcp);
            hole._fillers.Add(filler);
            var connecting = filler.ConnectAsync(IPAddress.Loopback, hole.Port);
            if (await Task.WhenAny(connecting, Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System)) != connecting)
            {
                return hole;
            }

            await connecting;
        }

        throw new InvalidOperationException("The queue of connections does not fill up.");
    }

    public void Dispose()
    {
        foreach (var filler in _fillers)
        {
            filler.Dispose();
        }

        _listener.Dispose();
    }
}
