using Mesh.Proxy.Balancing;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Limits;

namespace Mesh.Proxy.Tcp;

/// <summary>
/// An open connection to an endpoint, not used yet. Whoever has it must dispose it. It counts as active from the start, so
/// that a proxy that stops waits for one whose caller has just been told of it.
/// </summary>
internal sealed class Tunnel : IDisposable
{
    private readonly EndpointConnection _connection;
    private readonly UpstreamEndpoint _endpoint;
    private readonly TunnelStats _stats;
    private readonly TunnelHandshake? _handshake;
    private readonly ActiveRequests _active;
    private readonly RequestGate? _gate;

    /// <param name="handshake">For what the caller says first; null when the connection is as it should be.</param>
    /// <param name="gate">What it has entered; null when its service has no limits.</param>
    public Tunnel(
        EndpointConnection connection, UpstreamEndpoint endpoint, TunnelStats stats, TunnelHandshake? handshake, ActiveRequests active, RequestGate? gate)
    {
        _connection = connection;
        _endpoint = endpoint;
        _stats = stats;
        _handshake = handshake;
        _active = active;
        _gate = gate;
        active.BeginOutbound();
        stats.Begin();
    }

    /// <summary>Passes bytes until the end; see <see cref="TunnelPump"/>.</summary>
    public async Task RunAsync(TunnelEnd caller)
    {
        if (_handshake is null || await _handshake.TryAsync(_connection, _endpoint, caller))
        {
            await TunnelPump.RunAsync(_connection, caller, _stats);
        }
    }

    public void Dispose()
    {
        _connection.Dispose();
        _endpoint.Stats.End();
        _gate?.Leave();
        _stats.End();
        _active.EndOutbound();
    }
}
