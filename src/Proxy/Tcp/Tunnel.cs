using Mesh.Proxy.Balancing;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Limits;

namespace Mesh.Proxy.Tcp;

/// <summary>An open connection to an endpoint, not used yet. Whoever has it must run or dispose it.</summary>
/// <param name="handshake">For what the caller says first; null when the connection is as it should be.</param>
/// <param name="gate">What it has entered; null when its service has no limits.</param>
internal sealed class Tunnel(
    EndpointConnection connection, UpstreamEndpoint endpoint, TunnelStats stats, TunnelHandshake? handshake, ActiveRequests active, RequestGate? gate) : IDisposable
{
    /// <summary>Passes bytes until the end; see <see cref="TunnelPump"/>.</summary>
    public async Task RunAsync(TunnelEnd caller)
    {
        active.BeginOutbound();
        stats.Begin();
        try
        {
            if (handshake is null || await handshake.TryAsync(connection, endpoint, caller))
            {
                await TunnelPump.RunAsync(connection, caller, stats);
            }
        }
        finally
        {
            stats.End();
            active.EndOutbound();
        }
    }

    public void Dispose()
    {
        connection.Dispose();
        endpoint.Stats.End();
        gate?.Leave();
    }
}
