using System.Net;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;

namespace Mesh.Abstractions.Connections;

/// <summary>
/// Connection middleware of a port of the control plane: who connects proves who it is before a byte of it is read as
/// anything else. No thread waits for a peer, and none has longer than the time limit.
/// </summary>
public sealed class TlsServer(
    TlsOptions options, ICertificateSource certificates, Func<PeerIdentity, bool> isAdmitted, ITlsObserver observer, TimeProvider time)
{
    /// <summary>The content type of a handshake record, RFC 8446, 5.1. Orleans' own preamble begins with a length below 1024.</summary>
    private const byte HandshakeRecord = 22;

    private readonly TlsHandshake _handshake = new(options.TrustDomain, isAdmitted, time);
    private readonly HandshakeSlots _slots = new(options.MaxHandshakes, options.MaxHandshakesPerAddress);

    public async Task OnConnected(ConnectionContext context, ConnectionDelegate next)
    {
        if (options.Mode == TlsMode.Off)
        {
            await next(context);
            return;
        }

        var peer = context.RemoteEndPoint;
        using var slot = _slots.TryTake(peer);
        if (slot is null)
        {
            throw Refuse(peer, "busy", "too many connections are being opened at once");
        }

        using var timeLimit = new CancellationTokenSource(options.HandshakeTimeout, time);
        try
        {
            if (await IsTls(context, timeLimit.Token))
            {
                var credentials = certificates.Current
                    ?? throw Refuse(peer, "no-certificate", "this silo has no certificate yet");
                await _handshake.Run(context, next, credentials, isServer: true, slot, timeLimit.Token);
                return;
            }
        }
        catch (AuthenticationException exception)
        {
            throw Refuse(peer, "rejected", exception.Message);
        }
        catch (OperationCanceledException) when (timeLimit.IsCancellationRequested && context.Features.Get<ConnectionPeer>() is null)
        {
            throw Refuse(peer, "timeout", $"the peer did not prove who it is within {options.HandshakeTimeout.TotalSeconds:0.#} s");
        }
        catch (IOException exception) when (context.Features.Get<ConnectionPeer>() is null)
        {
            throw Refuse(peer, "broken", exception.Message);
        }

        slot.Dispose();
        if (options.Mode == TlsMode.Required)
        {
            throw Refuse(peer, "plaintext", "the peer does not speak TLS");
        }

        observer.Plaintext(peer);
        await next(context);
    }

    /// <summary>Looks at the first byte and leaves it where it is.</summary>
    private static async ValueTask<bool> IsTls(ConnectionContext context, CancellationToken timeLimit)
    {
        var input = context.Transport.Input;
        var read = await input.ReadAsync(timeLimit);
        var isTls = read.Buffer.Length > 0 && read.Buffer.FirstSpan[0] == HandshakeRecord;
        var isOver = read.Buffer.Length == 0 && read.IsCompleted;
        input.AdvanceTo(read.Buffer.Start);
        return isOver ? throw new IOException("the peer left without a word") : isTls;
    }

    private ConnectionAbortedException Refuse(EndPoint? peer, string reason, string detail)
    {
        observer.Failed(peer, reason, detail);
        return new ConnectionAbortedException($"A connection from {peer} is refused: {detail}.");
    }
}
