using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Connections;
using Mesh.Abstractions.Identity;

namespace Mesh.Proxy.Identity;

/// <summary>
/// Handshakes between proxies: TLS 1.3, both sides with a certificate of the trust domain, judged by the roots that are
/// trusted at that moment. Connections that were made before a change go on until they are pooled no longer.
/// </summary>
internal sealed class MeshTls(ProxyIdentity identity, TimeProvider time)
{
    /// <summary>
    /// What the names end with by which proxies call each other in the handshake (SNI); nobody else's do (RFC 6761,
    /// section 6.4). What stands before it tells the sessions of different servers apart.
    /// </summary>
    public const string NameSuffix = ".mesh.invalid";

    private static readonly List<SslApplicationProtocol> Http1 = [SslApplicationProtocol.Http11];
    private static readonly List<SslApplicationProtocol> Http2 = [SslApplicationProtocol.Http2];
    private static readonly List<SslApplicationProtocol> Both = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];

    private readonly KnownIntermediates _intermediates = new();

    /// <summary>Whether a client's handshake asks for this.</summary>
    public static bool IsMesh(string serverName) => serverName.EndsWith(NameSuffix, StringComparison.Ordinal);

    /// <param name="name">For the handshake; ends with <see cref="NameSuffix"/>.</param>
    /// <param name="expected">The identity the other side must prove.</param>
    /// <exception cref="AuthenticationException">It did not, or this proxy has no identity any more.</exception>
    public async ValueTask<SslStream> ConnectAsync(Stream transport, string name, string expected, bool isHttp2, CancellationToken cancellationToken)
    {
        var held = identity.Current ?? throw new AuthenticationException("this proxy has no certificate any more; its admin page /identity says why");
        var stream = new SslStream(transport, leaveInnerStreamOpen: false);
        string? problem = null;
        try
        {
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = name,
                    EnabledSslProtocols = SslProtocols.Tls13,
                    ApplicationProtocols = isHttp2 ? Http2 : Http1,
                    ClientCertificateContext = held.Context,
                    CertificateChainPolicy = Unused(),
                    RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
                    {
                        problem = Judge(certificate, chain, held, isServer: true, out var peer)
                            ?? (peer == expected ? null : $"it proves to be {peer}, and {expected} is expected");
                        return problem is null;
                    },
                },
                cancellationToken);
            return stream;
        }
        catch (AuthenticationException) when (problem is not null)
        {
            // The platform's own exception says less, and callers are told the innermost.
            await stream.DisposeAsync();
            throw new AuthenticationException($"the endpoint's proxy is not who it should be: {problem}");
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>What a proxy answers a handshake with.</summary>
    /// <param name="accept">Told who is at the other end.</param>
    /// <param name="refuse">Told why nobody is.</param>
    /// <returns>Null when this proxy has no identity.</returns>
    public SslServerAuthenticationOptions? Accept(Action<CallingPeer> accept, Action<string> refuse)
    {
        if (identity.Current is not { } held)
        {
            return null;
        }

        return new SslServerAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls13,
            ApplicationProtocols = Both,
            ServerCertificateContext = held.Context,
            ClientCertificateRequired = true,
            CertificateChainPolicy = Unused(),
            RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
            {
                if (Judge(certificate, chain, held, isServer: false, out var peer) is { } problem)
                {
                    refuse(problem);
                    return false;
                }

                accept(new CallingPeer(peer!, Describe((X509Certificate2)certificate!, peer!, held)));
                return true;
            },
        };
    }

    /// <returns>Null when the certificate proves <paramref name="peer"/>.</returns>
    private string? Judge(X509Certificate? certificate, X509Chain? chain, PeerCredentials held, bool isServer, out string? peer)
    {
        peer = null;
        if (certificate is not X509Certificate2 shown)
        {
            return "it shows no certificate";
        }

        // The roots that are trusted now, which may be newer than those at the start of the handshake.
        var roots = (identity.Current ?? held).Roots;
        var now = time.GetUtcNow();
        var sent = chain?.ChainPolicy.ExtraStore ?? [];
        X509Certificate2Collection others = [.. sent, .. _intermediates.Known];
        if (!IdentityCheck.TryVerify(shown, others, roots, isServer, identity.TrustDomain, now, out peer, out var problem))
        {
            return problem;
        }

        _intermediates.Remember(sent, roots, now);
        return null;
    }

    /// <summary>In the form that Envoy gave the header.</summary>
    private static string Describe(X509Certificate2 certificate, string peer, PeerCredentials held) =>
        $"By={held.SpiffeId};Hash={Convert.ToHexStringLower(certificate.GetCertHash(System.Security.Cryptography.HashAlgorithmName.SHA256))};URI={peer}";

    /// <summary>The platform judges first, by its own roots, and is not listened to; this keeps it from asking anybody.</summary>
    private static X509ChainPolicy Unused() => new()
    {
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
        TrustMode = X509ChainTrustMode.CustomRootTrust,
    };
}
