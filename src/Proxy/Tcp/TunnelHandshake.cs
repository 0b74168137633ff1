using System.Net.Sockets;
using System.Security.Authentication;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Listeners;
using Mesh.Proxy.Telemetry;

namespace Mesh.Proxy.Tcp;

/// <summary>
/// Secures tunnels to services of requests as requests are. Clients of HTTP speak first: one that starts with TLS of its
/// own wants that with the endpoint's listener; requests in the clear go by the proxy's TLS, in the version of HTTP they are in.
/// </summary>
internal sealed partial class TunnelHandshake(MeshDialer mesh, ProxyStats stats, TimeProvider time, ILogger<TunnelHandshake> logger)
{
    private readonly LogLimit _limit = new(time, TimeSpan.FromSeconds(10));

    /// <summary>Waits for the caller's first bytes, as long as the caller stays.</summary>
    /// <returns>False when the tunnel cannot be used, and both sides were told.</returns>
    public async ValueTask<bool> TryAsync(EndpointConnection connection, UpstreamEndpoint endpoint, TunnelEnd caller)
    {
        ConnectionStart start;
        try
        {
            start = await ProtocolSniffer.SniffAsync(caller.Input, CancellationToken.None);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The caller left.
            connection.Reset();
            return false;
        }

        try
        {
            if (start != ConnectionStart.Tls)
            {
                await mesh.SecureAsync(connection, endpoint, start == ConnectionStart.Http2, ConnectionDefaults.ConnectTimeout, CancellationToken.None);
            }

            return true;
        }
        catch (Exception exception) when (exception is IOException or SocketException or AuthenticationException)
        {
            stats.Errors.Count(ProxyError.ConnectFailed);
            if (_limit.TryPass())
            {
                LogBroken(endpoint.Endpoint.Id, endpoint.Address, exception.Message);
            }

            connection.Reset();
            caller.Abort();
            return false;
        }
    }

    [LoggerMessage(2407, LogLevel.Warning, "A tunnel to endpoint '{Id}' ({Address}) was closed before it was used: {Reason}")]
    private partial void LogBroken(string id, object address, string reason);
}
