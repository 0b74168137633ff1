using System.Net.Security;
using System.Net.Sockets;

namespace Mesh.Proxy.Tcp;

/// <summary>The endpoint's side of a tunnel: a socket, and on it the bytes as they are or TLS.</summary>
internal sealed class EndpointConnection : IDisposable
{
    private readonly Socket _socket;
    private SslStream? _secure;

    public EndpointConnection(Socket socket)
    {
        _socket = socket;
        Stream = new NetworkStream(socket, ownsSocket: false);
    }

    public Stream Stream { get; private set; }

    /// <summary>From here on the bytes go by TLS.</summary>
    /// <param name="stream">On <see cref="Stream"/> as it was, which now belongs to it.</param>
    public void Secure(SslStream stream)
    {
        _secure = stream;
        Stream = stream;
    }

    /// <summary>Nothing more comes from here; the endpoint may go on sending.</summary>
    public async ValueTask FinishAsync()
    {
        if (_secure is not null)
        {
            // A close_notify, which in TLS 1.3 ends one direction only (RFC 8446, section 6.1).
            await _secure.ShutdownAsync();
        }
        else
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
    }

    /// <summary>A reset tells the endpoint, too, that this was not all.</summary>
    public void Reset() => _socket.LingerState = new LingerOption(enable: true, seconds: 0);

    public void Dispose()
    {
        Stream.Dispose();
        _socket.Dispose();
    }
}
