using System.Formats.Asn1;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Connections;
using Mesh.Abstractions.Identity;
using Mesh.Abstractions.Traffic;

namespace Mesh.Proxy.Forwarding;

/// <summary>A compiled <see cref="UpstreamTls"/>: handshakes with endpoints outside of the mesh.</summary>
internal sealed class TlsOrigin
{
    private static readonly List<SslApplicationProtocol> Http1 = [SslApplicationProtocol.Http11];
    private static readonly List<SslApplicationProtocol> Http2 = [SslApplicationProtocol.Http2];

    private readonly X509Certificate2Collection? _roots;
    private readonly SslProtocols _versions;

    /// <exception cref="ArgumentException">The authorities are no certificates.</exception>
    private TlsOrigin(UpstreamTls policy)
    {
        Policy = policy;
        _versions = policy.MinVersion == "1.3" ? SslProtocols.Tls13 : SslProtocols.Tls12 | SslProtocols.Tls13;
        if (policy.Roots is { } roots)
        {
            _roots = Pem.TryReadCertificates(roots, out var read) ? read : throw new ArgumentException("traffic.tls.roots is not PEM with certificates");
        }
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
                    EnabledSslProtocols = _versions,
                    ApplicationProtocols = isHttp2 is { } http2 ? http2 ? Http2 : Http1 : null,
                    CertificateChainPolicy = ChainPolicy(),
                    RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                    {
                        problem = Judge(certificate as X509Certificate2, errors);
                        return problem is null;
                    },
                },
                cancellationToken);
            return isHttp2 != true || stream.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2
                ? stream
                : throw new AuthenticationException($"the endpoint does not agree to HTTP/2 (ALPN); declare its protocol as \"http\"");
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

    private string? Judge(X509Certificate2? certificate, SslPolicyErrors errors)
    {
        if (certificate is null)
        {
            return "there is none";
        }

        if ((errors & SslPolicyErrors.RemoteCertificateChainErrors) != 0)
        {
            return _roots is null ? "it is not of an authority that this proxy's system trusts, or has expired" : "it is not of an authority in \"roots\", or has expired";
        }

        if (Policy.SubjectAltNames.Count == 0)
        {
            return (errors & SslPolicyErrors.RemoteCertificateNameMismatch) == 0 ? null : $"it is not for {Policy.ServerName}";
        }

        return Policy.SubjectAltNames.Any(name => IsFor(certificate, name)) ? null : "it has none of \"subjectAltNames\"";
    }

    private static bool IsFor(X509Certificate2 certificate, string name)
    {
        if (!name.Contains("://", StringComparison.Ordinal))
        {
            return certificate.MatchesHostname(name, allowWildcards: true, allowCommonName: false);
        }

        try
        {
            return AlternativeNames.UrisOf(certificate).Contains(name, StringComparer.Ordinal);
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    private X509ChainPolicy? ChainPolicy()
    {
        if (_roots is null)
        {
            return null;
        }

        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(_roots);
        return policy;
    }
}
