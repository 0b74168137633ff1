using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Identity;
using Mesh.Abstractions.Traffic;

namespace Mesh.Proxy.Forwarding;

/// <summary>A compiled <see cref="UpstreamTls"/>: handshakes with endpoints outside of the mesh.</summary>
internal sealed class TlsOrigin
{
    private static readonly List<SslApplicationProtocol> Http1 = [SslApplicationProtocol.Http11];
    private static readonly List<SslApplicationProtocol> Http2 = [SslApplicationProtocol.Http2];

    private readonly TlsRules _rules;

    /// <exception cref="ArgumentException">The authorities are no certificates.</exception>
    private TlsOrigin(UpstreamTls policy)
    {
        Policy = policy;
        X509Certificate2Collection? roots = null;
        if (policy.Roots is not null && !Pem.TryReadCertificates(policy.Roots, out roots))
        {
            throw new ArgumentException("traffic.tls.roots is not PEM with certificates");
        }

        _rules = new TlsRules(roots, policy.SubjectAltNames, policy.MinVersion);
    }

    public UpstreamTls Policy { get; }

    /// <summary>What must be the same for connections to be shared.</summary>
    public string Key => field ??= $"{Policy.ServerName} {string.Join(' ', Policy.SubjectAltNames)} {Policy.MinVersion} {Policy.Roots}";

    /// <param name="previous">Taken over when nothing has changed.</param>
    /// <returns>Null without a policy.</returns>
    public static TlsOrigin? Compile(UpstreamTls? policy, TlsOrigin? previous) =>
        policy is null ? null : previous is not null && previous.Policy == policy ? previous : new TlsOrigin(policy);

    /// <param name="isHttp2">Null for what is no HTTP.</param>
    /// <exception cref="AuthenticationException">Somebody else is there, or speaks something else.</exception>
    public async Task<SslStream> ConnectAsync(Stream transport, bool? isHttp2, CancellationToken cancellationToken)
    {
        var stream = new SslStream(transport, leaveInnerStreamOpen: false);
        string? problem = null;
        try
        {
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = Policy.ServerName,
                    EnabledSslProtocols = _rules.Versions,
                    ApplicationProtocols = isHttp2 is { } http2 ? http2 ? Http2 : Http1 : null,
                    CertificateChainPolicy = _rules.ChainPolicy(isServer: true),
                    RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                    {
                        problem = _rules.Judge(certificate as X509Certificate2, errors, Policy.ServerName);
                        return problem is null;
                    },
                },
                cancellationToken);
            return isHttp2 != true || stream.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2
                ? stream
                : throw new AuthenticationException("the endpoint does not agree to HTTP/2 (ALPN); declare its protocol as \"http\"");
        }
        catch (AuthenticationException) when (problem is not null)
        {
            await stream.DisposeAsync();
            throw new AuthenticationException($"the endpoint's certificate is not good for traffic.tls: {problem}");
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }
}
