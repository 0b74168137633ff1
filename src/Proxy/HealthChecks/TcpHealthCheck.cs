using System.Net.Sockets;

namespace Mesh.Proxy.HealthChecks;

/// <summary>Healthy when the port accepts a connection.</summary>
internal sealed class TcpHealthCheck(string host, int port) : IHealthCheck
{
    public async Task<string?> Check(CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(host, port, cancellationToken);
            return null;
        }
        catch (SocketException exception)
        {
            return $"no connection to {host}:{port}: {exception.Message}";
        }
    }
}
