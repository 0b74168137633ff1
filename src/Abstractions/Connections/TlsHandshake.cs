using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;

namespace Mesh.Abstractions.Connections;

/// <summary>Makes a connection mutual TLS 1.3, and says who the other end is.</summary>
internal sealed class TlsHandshake(string trustDomain, Func<PeerIdentity, bool> isAdmitted, TimeProvider time)
{
    private const int BufferSize = 16 << 10;

    private static readonly StreamPipeReaderOptions ReaderOptions = new(bufferSize: BufferSize, minimumReadSize: 1 << 10, leaveOpen: true);
    private static readonly StreamPipeWriterOptions WriterOptions = new(minimumBufferSize: BufferSize, leaveOpen: true);

    /// <param name="slot">Given back when the handshake is over; the connection itself may last.</param>
    /// <exception cref="AuthenticationException">The peer has not proved to be somebody who is admitted; the message says why.</exception>
    public async Task Run(
        ConnectionContext context, ConnectionDelegate next, PeerCredentials credentials, bool isServer, IDisposable? slot, CancellationToken timeLimit)
    {
        PeerIdentity? peer = null;
        var reason = "it showed no certificate";
        await using var tls = new SslStream(new TransportStream(context.Transport), leaveInnerStreamOpen: true);
        try
        {
            await (isServer
                ? tls.AuthenticateAsServerAsync(ServerOptions(), timeLimit)
                : tls.AuthenticateAsClientAsync(ClientOptions(), timeLimit));
        }
        catch (AuthenticationException exception) when (peer is null)
        {
            throw new AuthenticationException($"{reason} ({exception.Message})", exception);
        }
        finally
        {
            slot?.Dispose();
        }

        context.Features.Set(new ConnectionPeer(peer));
        var input = PipeReader.Create(tls, ReaderOptions);
        var output = PipeWriter.Create(tls, WriterOptions);
        await TransportPipes.Run(context, new TransportPipes(input, output), next);

        SslServerAuthenticationOptions ServerOptions() => new()
        {
            ServerCertificateContext = credentials.Context,
            ClientCertificateRequired = true,
            EnabledSslProtocols = SslProtocols.Tls13,
            AllowRenegotiation = false,

            // A resumed session would not show its certificate again, and connections live for days.
            AllowTlsResume = false,
            RemoteCertificateValidationCallback = Validate,
        };

        SslClientAuthenticationOptions ClientOptions() => new()
        {
            TargetHost = "",
            ClientCertificateContext = credentials.Context,
            EnabledSslProtocols = SslProtocols.Tls13,
            AllowRenegotiation = false,
            AllowTlsResume = false,
            RemoteCertificateValidationCallback = Validate,
        };

        bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        {
            if (certificate is not X509Certificate2 shown)
            {
                return false;
            }

            var sent = new X509Certificate2Collection();
            foreach (var element in chain?.ChainPolicy.ExtraStore ?? [])
            {
                sent.Add(element);
            }

            if (!PeerCertificate.IsTrusted(shown, sent, credentials.Roots, isServer: !isServer, time.GetUtcNow(), out var distrust))
            {
                reason = $"its certificate is not trusted: {distrust}";
                return false;
            }

            if (PeerCertificate.ReadSpiffeId(shown) is not { } id || !PeerIdentity.TryParse(id, trustDomain, out var identity))
            {
                reason = $"its certificate names neither a silo nor a service of the trust domain {trustDomain}";
                return false;
            }

            if (!isAdmitted(identity))
            {
                reason = $"it is {identity}, which is not admitted here";
                return false;
            }

            peer = identity;
            return true;
        }
    }
}
