using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Mesh.Abstractions.Connections;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Telemetry;
using Microsoft.AspNetCore.Connections;

namespace Mesh.Proxy.Tcp;

/// <summary>
/// Finds out whether a connection of opaque bytes comes from a proxy by mutual TLS, and then who is there. In protocols in
/// which the server speaks first a plaintext caller says nothing: after a while it is taken for one.
/// </summary>
internal sealed partial class InboundTcpHandshake(
    ProxyIdentity identity, MeshTls tls, InboundGuard guard, TimeProvider time, ILogger<InboundTcpHandshake> logger)
{
    /// <summary>A proxy sends its first bytes with the end of TCP's handshake.</summary>
    private static readonly TimeSpan PreambleLimit = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan HandshakeLimit = TimeSpan.FromSeconds(10);

    private readonly LogLimit _limit = new(time, TimeSpan.FromMinutes(1));

    /// <returns>The caller's side; or null, and why it is refused, where it has said anything.</returns>
    public async ValueTask<(TunnelEnd? Caller, string? Refusal)> AnswerAsync(ConnectionContext connection)
    {
        if (!identity.IsEnabled)
        {
            return (new ConnectionEnd(connection), null);
        }

        var isSecure = await IsSecureAsync(connection);
        if (isSecure is null)
        {
            return (null, null);
        }

        if (isSecure == false)
        {
            return guard.CheckPlaintext((connection.RemoteEndPoint as IPEndPoint)?.Address) is { } refusal
                ? (null, refusal)
                : (new ConnectionEnd(connection), null);
        }

        if (tls.Accept(connection.Features.Set, problem => Refused(connection.RemoteEndPoint, problem)) is not { } options)
        {
            return (null, "this proxy has no certificate any more; its admin page /identity says why");
        }

        var stream = new SslStream(new TransportStream(connection.Transport));
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
            limit.CancelAfter(HandshakeLimit);
            await stream.AuthenticateAsServerAsync(options, limit.Token);
            return (new SecureEnd(connection, stream), null);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException or OperationCanceledException)
        {
            await stream.DisposeAsync();
            return (null, $"no mutual TLS: {exception.Message}");
        }
    }

    private static async ValueTask<bool?> IsSecureAsync(ConnectionContext connection)
    {
        try
        {
            // Not ConnectionClosed: it fires as soon as the caller has sent all it will, which is to be passed on.
            using var limit = new CancellationTokenSource(PreambleLimit);
            return await MeshPreamble.TrySkipAsync(connection.Transport.Input, limit.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private void Refused(EndPoint? caller, string problem)
    {
        if (_limit.TryPass())
        {
            LogRefused(caller, problem);
        }
    }

    [LoggerMessage(2405, LogLevel.Warning, "Refused mutual TLS from {Caller}: {Problem}")]
    private partial void LogRefused(object? caller, string problem);
}
