using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Connections;
using Mesh.Abstractions.Naming;

namespace Mesh.Abstractions.Identity;

/// <summary>Reads and checks the identity in a certificate (SPIFFE standard, "X509-SVID", sections 2 to 5).</summary>
public static class IdentityCheck
{
    /// <summary>TLS roles a certificate may be shown in (RFC 5280, section 4.2.1.12).</summary>
    public const string ServerUse = "1.3.6.1.5.5.7.3.1";
    public const string ClientUse = "1.3.6.1.5.5.7.3.2";

    /// <param name="others">What came with the certificate; may hold anything.</param>
    /// <param name="roots">The bundle.</param>
    /// <param name="isServer">Whether its owner is the side that was connected to.</param>
    /// <param name="identity">A valid SPIFFE ID in <paramref name="trustDomain"/>.</param>
    /// <param name="problem">What is wrong, for logs and answers.</param>
    public static bool TryVerify(
        X509Certificate2 certificate,
        X509Certificate2Collection others,
        X509Certificate2Collection roots,
        bool isServer,
        string trustDomain,
        DateTimeOffset now,
        [NotNullWhen(true)] out string? identity,
        [NotNullWhen(false)] out string? problem)
    {
        identity = null;
        problem = PeerCertificate.IsTrusted(certificate, others, roots, isServer, now, out var reason)
            ? ExplainLeaf(certificate)
            : Explain(certificate, reason, now);
        if (problem is not null)
        {
            return false;
        }

        var read = ReadIdentity(certificate);
        if (read is null)
        {
            problem = "the certificate does not have exactly one SPIFFE ID";
        }
        else if (SpiffeId.TrustDomainOf(read) is var domain && !domain.SequenceEqual(trustDomain))
        {
            problem = $"the identity {read} is of another trust domain than {trustDomain}";
        }
        else
        {
            identity = read;
        }

        return problem is null;
    }

    /// <returns>The SPIFFE ID; null when there is none, several, or it is malformed.</returns>
    public static string? ReadIdentity(X509Certificate2 certificate) =>
        PeerCertificate.ReadSpiffeId(certificate) is { } identity && SpiffeId.IsValid(identity) ? identity : null;

    /// <summary>Whether a certificate is of an authority between others and the roots.</summary>
    public static bool IsIntermediate(
        X509Certificate2 certificate, X509Certificate2Collection others, X509Certificate2Collection roots, DateTimeOffset now)
    {
        // Of an authority's certificate, uses are asked for only where it restricts them.
        return IsAuthority(certificate) == true && !roots.Contains(certificate) && PeerCertificate.IsTrusted(certificate, others, roots, isServer: true, now, out _);
    }

    /// <summary>An authority may not speak as one of those it signs for.</summary>
    private static string? ExplainLeaf(X509Certificate2 certificate) => IsAuthority(certificate) switch
    {
        true => "the certificate is an authority's",
        false => null,
        null => "the certificate's basic constraints cannot be read",
    };

    /// <returns>Null when it cannot be read: nobody has vouched for what comes along with a certificate.</returns>
    private static bool? IsAuthority(X509Certificate2 certificate)
    {
        try
        {
            return certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(static extension => extension.CertificateAuthority);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static string Explain(X509Certificate2 certificate, string reason, DateTimeOffset now) =>
        now >= certificate.NotAfter.ToUniversalTime() ? $"the certificate expired at {certificate.NotAfter.ToUniversalTime():u}"
        : now < certificate.NotBefore.ToUniversalTime() ? $"the certificate is valid only from {certificate.NotBefore.ToUniversalTime():u}; compare the clocks"
        : $"the certificate does not lead to a root of the bundle: {reason}";
}
