using System.Collections.Concurrent;
using System.Net;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;

namespace Mesh.Abstractions.Connections;

/// <summary>Connection middleware of the side that connects to a silo: it shows its certificate and speaks to nobody but a silo.</summary>
/// <param name="mode">Asked for every connection; a proxy is told by its control plane.</param>
public sealed class TlsClient(TlsOptions options, Func<TlsMode> mode, ICertificateSource certificates, ITlsObserver observer, TimeProvider time)
{
    /// <summary>How long a peer that did not speak TLS is called without; only while TLS is not required.</summary>
    private static readonly TimeSpan PlaintextMemory = TimeSpan.FromSeconds(30);

    private readonly TlsHandshake _handshake = new(options.TrustDomain, static peer => peer.IsSilo, time);
    private readonly ConcurrentDictionary<EndPoint, long> _plaintext = new();

    public async Task OnConnected(ConnectionContext context, ConnectionDelegate next)
    {
        var wanted = mode();
        var peer = context.RemoteEndPoint;
        var credentials = wanted == TlsMode.Off ? null : certificates.Current;
        if (wanted == TlsMode.Required && credentials is null)
        {
            observer.Failed(peer, "no-certificate", "there is no certificate to show yet");
            throw new ConnectionAbortedException($"{peer} is not connected to without a certificate, and there is none yet.");
        }

        if (credentials is null || (wanted == TlsMode.On && SpeaksPlaintext(peer)))
        {
            if (wanted != TlsMode.Off)
            {
                observer.Plaintext(peer);
            }

            await next(context);
            return;
        }

        using var timeLimit = new CancellationTokenSource(options.HandshakeTimeout, time);
        try
        {
            await _handshake.Run(context, next, credentials, isServer: false, slot: null, timeLimit.Token);
        }
        catch (Exception exception) when (context.Features.Get<ConnectionPeer>() is null && exception is IOException or AuthenticationException or OperationCanceledException)
        {
            if (wanted == TlsMode.On && peer is not null)
            {
                _plaintext[peer] = time.GetTimestamp();
            }

            observer.Failed(peer, exception is AuthenticationException ? "rejected" : "broken", exception.Message);
            throw new ConnectionAbortedException($"{peer} did not prove to be a silo: {exception.Message}", exception);
        }
    }

    private bool SpeaksPlaintext(EndPoint? peer)
    {
        if (peer is null || !_plaintext.TryGetValue(peer, out var since))
        {
            return false;
        }

        if (time.GetElapsedTime(since) < PlaintextMemory)
        {
            return true;
        }

        _plaintext.TryRemove(peer, out _);
        return false;
    }
}
