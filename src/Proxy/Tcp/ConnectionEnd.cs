using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Mesh.Proxy.Tcp;

/// <summary>
/// A connection that belongs to the tunnel as a whole. Kestrel can only close both of its directions together, so
/// what is not encrypted is written past Kestrel, to the socket, which can close one.
/// </summary>
internal sealed class ConnectionEnd : TunnelEnd
{
    private readonly ConnectionContext _connection;
    private readonly Socket? _socket;
    private readonly Stream _output;

    /// <param name="connection">Nothing written to it is still on its way, as of now.</param>
    public ConnectionEnd(ConnectionContext connection)
    {
        _connection = connection;
        var socket = connection.Features.Get<IConnectionSocketFeature>()?.Socket;
        if (socket is not null)
        {
            KeepAlive.Enable(socket);
        }

        _socket = connection.Features.Get<ITlsHandshakeFeature>() is null ? socket : null;
        _output = _socket is null ? connection.Transport.Output.AsStream() : new NetworkStream(_socket, ownsSocket: false);
    }

    public override PipeReader Input => _connection.Transport.Input;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        _output.WriteAsync(bytes, cancellationToken);

    public override ValueTask FinishAsync()
    {
        if (_socket is null)
        {
            return _connection.Transport.Output.CompleteAsync();
        }

        _socket.Shutdown(SocketShutdown.Send);
        return ValueTask.CompletedTask;
    }

    public override void Abort() => _connection.Abort(new ConnectionAbortedException("the tunnel broke"));
}
