using System.Net.Security;
using System.Net.Sockets;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Tcp;

namespace Mesh.Proxy.Identity;

/// <summary>
/// Makes the connections of HTTP clients: by TLS for requests that say which endpoint they are for (mutual with proxies of the
/// mesh, the service's own kind with others), else in plaintext. Such a request goes to a host that stands for address and identity together, so that clients never give it
/// a connection to somebody who has proved another identity at the same address.
/// </summary>
internal sealed class MeshDialer(ProxyIdentity identity, MeshTls tls, TimeProvider time)
{
    private static readonly HttpRequestOptionsKey<UpstreamEndpoint> Target = new("mesh.endpoint");

    /// <summary>Whether this proxy, now, calls an endpoint by TLS.</summary>
    public bool IsSecure(UpstreamEndpoint endpoint) =>
        endpoint.Tls is not null || (endpoint.SecureHost is not null && (identity.Current is not null || (endpoint.IsStrict && identity.IsEnabled)));

    /// <summary>Sets a request's target; it must be sent by a client of this dialer.</summary>
    public static void Address(HttpRequestMessage request, UpstreamEndpoint endpoint) => request.Options.Set(Target, endpoint);

    /// <summary>Lets a client connect this way.</summary>
    /// <param name="limit">For the socket, so that the message says what took too long; the client's own limit covers the handshake as well.</param>
    public void Attach(SocketsHttpHandler handler, TimeSpan limit) =>
        handler.ConnectCallback = (context, cancellationToken) => ConnectAsync(context, limit, cancellationToken);

    /// <summary>A connection for opaque bytes, by TLS.</summary>
    /// <param name="limit">For the connection, its handshake included.</param>
    /// <inheritdoc cref="SecureAsync"/>
    public async ValueTask<EndpointConnection> ConnectAsync(UpstreamEndpoint endpoint, TimeSpan limit, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var connection = new EndpointConnection(await EndpointSocket.ConnectAsync(endpoint.Endpoint.Host, endpoint.Endpoint.Port, limit, cancellationToken));
        try
        {
            await SecureAsync(connection, endpoint, isHttp2: null, limit - time.GetElapsedTime(started), cancellationToken);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Shakes hands on a connection on which nothing was said yet.</summary>
    /// <param name="isHttp2">The protocol of the requests; null for opaque bytes.</param>
    /// <exception cref="SocketException">There is no connection within the limit.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">Somebody else is there, or this proxy is nobody any more.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async ValueTask SecureAsync(
        EndpointConnection connection, UpstreamEndpoint endpoint, bool? isHttp2, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timer.CancelAfter(limit > TimeSpan.Zero ? limit : TimeSpan.Zero);
        try
        {
            if (isHttp2 is null && endpoint.Tls is null)
            {
                await connection.Stream.WriteAsync(MeshPreamble.Bytes, timer.Token);
            }

            connection.Secure(await HandshakeAsync(connection.Stream, endpoint, isHttp2, timer.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SocketException((int)SocketError.TimedOut, "no TLS within traffic.connections.connectTimeout");
        }
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, TimeSpan limit, CancellationToken cancellationToken)
    {
        var isSecure = context.InitialRequestMessage.Options.TryGetValue(Target, out var endpoint);
        var (host, port) = isSecure
            ? (endpoint!.Endpoint.Host, endpoint.Endpoint.Port)
            : (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var socket = await EndpointSocket.ConnectAsync(host, port, limit, cancellationToken);
        var transport = new NetworkStream(socket, ownsSocket: true);
        if (!isSecure)
        {
            return transport;
        }

        return await HandshakeAsync(transport, endpoint!, context.InitialRequestMessage.Version.Major == 2, cancellationToken);
    }

    private async ValueTask<SslStream> HandshakeAsync(Stream transport, UpstreamEndpoint endpoint, bool? isHttp2, CancellationToken cancellationToken) =>
        endpoint.Tls is { } origin
            ? await origin.ConnectAsync(transport, isHttp2, cancellationToken)
            : await tls.ConnectAsync(transport, endpoint.SecureHost!, endpoint.Endpoint.Identity!, isHttp2 == true, cancellationToken);
}
