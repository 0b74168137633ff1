using Mesh.Proxy.Telemetry;
using Microsoft.AspNetCore.Connections;

namespace Mesh.Proxy.Listeners;

/// <summary>
/// Where the connections of one listener part by what they carry. TLS goes through Kestrel's HTTPS middleware, which
/// has to stand between <see cref="Enter"/> and <see cref="Join"/>, and comes out as one more cleartext connection;
/// the others skip it.
/// </summary>
/// <param name="canTls">Whether there is a certificate now; null when there never will be, and no such middleware.</param>
/// <param name="mustTls">Callers have to show certificates, so that nothing in the clear is taken.</param>
internal sealed partial class ConnectionFork(
    ListenerAddress listener, ProtocolSniffer sniffer, ConnectionDelegate? connect, Func<bool>? canTls, bool mustTls, LogLimit limit, ILogger logger)
{
    private ConnectionDelegate? _http;

    /// <summary>The first of the listener's middleware.</summary>
    public ConnectionDelegate Enter(ConnectionDelegate tls) => async connection =>
    {
        switch (await ProtocolSniffer.SniffAsync(connection))
        {
            case null:
                break;
            case ConnectionStart.Tls when canTls?.Invoke() == true:
                await tls(connection);
                break;
            case ConnectionStart.Tls:
                LogNoCertificate(connection);
                break;
            case not null when mustTls:
                LogNoTls(connection);
                break;
            case ConnectionStart.Http2:
                sniffer.SetHttp2(connection);
                await _http!(connection);
                break;
            case ConnectionStart.Connect when connect is not null:
                await connect(connection);
                break;
            default:
                await _http!(connection);
                break;
        }
    };

    /// <summary>What comes after TLS. Pipelines are built from their end, so this runs before <see cref="Enter"/> does.</summary>
    public ConnectionDelegate Join(ConnectionDelegate http)
    {
        _http = http;
        return connect is null || canTls is null ? http : async connection =>
        {
            // Only TLS gets here. Its protocol was negotiated, but a tunnel is asked for within it.
            switch (await ProtocolSniffer.SniffAsync(connection))
            {
                case null:
                    break;
                case ConnectionStart.Connect:
                    await connect(connection);
                    break;
                default:
                    await http(connection);
                    break;
            }
        };
    }

    private void LogNoTls(ConnectionContext connection)
    {
        if (limit.TryPass())
        {
            LogNoTls(listener.EndPoint, connection.RemoteEndPoint, listener.Section);
        }
    }

    private void LogNoCertificate(ConnectionContext connection)
    {
        if (limit.TryPass())
        {
            LogNoCertificate(listener.EndPoint, connection.RemoteEndPoint, listener.Section);
        }
    }

    [LoggerMessage(2401, LogLevel.Warning,
        "{Listener} was called by TLS from {Caller}, but has no certificate: the connection was closed. Set {Section}:Certificate:Path, or call it without TLS")]
    private partial void LogNoCertificate(object listener, object? caller, string section);

    [LoggerMessage(2408, LogLevel.Warning,
        "{Listener} was called without TLS from {Caller}, but demands certificates ({Section}:Certificate:ClientRoots): the connection was closed")]
    private partial void LogNoTls(object listener, object? caller, string section);
}
