using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Identity;
using Mesh.Abstractions.Naming;

namespace Mesh.Grains.Identity;

/// <summary>A certificate and its key that sign the certificates of a trust domain.</summary>
internal sealed class IssuingAuthority
{
    /// <summary>How long a certificate holds.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary>By how much the clocks of proxies may be behind.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    private const int SerialBytes = 16;

    private readonly X509Certificate2 _certificate;
    private readonly X509SignatureGenerator _generator;
    private readonly X509Extension _keyIdentifier;
    private readonly string _intermediates;

    /// <summary>A key is not made for several threads; a signature takes microseconds (ECDSA) to a millisecond (RSA).</summary>
    private readonly Lock _signing = new();

    /// <param name="certificate">With its private key.</param>
    /// <param name="intermediates">What is between a certificate and a root, the own one first; empty when it is a root.</param>
    /// <exception cref="AuthorityException">It cannot sign.</exception>
    public IssuingAuthority(X509Certificate2 certificate, IEnumerable<X509Certificate2> intermediates)
    {
        _certificate = certificate;
        _intermediates = Pem.Write(intermediates);
        _keyIdentifier = certificate.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Any()
            ? X509AuthorityKeyIdentifierExtension.CreateFromCertificate(certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false)
            : X509AuthorityKeyIdentifierExtension.CreateFromCertificate(certificate, includeKeyIdentifier: false, includeIssuerAndSerial: true);
        _generator = certificate.GetECDsaPrivateKey() is { } ecdsa ? X509SignatureGenerator.CreateForECDsa(ecdsa)
            : certificate.GetRSAPrivateKey() is { } rsa ? X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1)
            : throw new AuthorityException("The authority's key is neither ECDSA nor RSA.");
    }

    public DateTimeOffset NotAfter => _certificate.NotAfter.ToUniversalTime();

    /// <summary>A certificate for a key. What it says is said here: nothing comes from the asker but the key.</summary>
    /// <exception cref="AuthorityException">The authority's own certificate has expired.</exception>
    public (string Identity, string Chain, DateTimeOffset NotBefore, DateTimeOffset NotAfter) Issue(
        PublicKey key, string trustDomain, ServiceName service, DateTimeOffset now) => Issue(key, SpiffeId.Of(trustDomain, service), now);

    /// <summary>The same for any identity: only for those that nobody can ask for.</summary>
    /// <inheritdoc cref="Issue(PublicKey, string, ServiceName, DateTimeOffset)"/>
    public (string Identity, string Chain, DateTimeOffset NotBefore, DateTimeOffset NotAfter) Issue(PublicKey key, string identity, DateTimeOffset now)
    {
        if (now >= NotAfter)
        {
            throw new AuthorityException($"The authority's own certificate expired at {NotAfter:u}. Put a new one in its place (Mesh:Identity:Ca).");
        }

        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(identity));
        var request = new CertificateRequest(new X500DistinguishedName(""), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build(critical: true));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(
            certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(
            [new Oid(IdentityCheck.ServerUse), new Oid(IdentityCheck.ClientUse)], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(key, critical: false));
        request.CertificateExtensions.Add(_keyIdentifier);

        var notBefore = Later(now - ClockSkew, _certificate.NotBefore.ToUniversalTime());
        var notAfter = now + Lifetime < NotAfter ? now + Lifetime : NotAfter;
        lock (_signing)
        {
            using var issued = request.Create(_certificate.SubjectName, _generator, notBefore, notAfter, NewSerial());
            return (identity, issued.ExportCertificatePem() + "\n" + _intermediates, issued.NotBefore.ToUniversalTime(), issued.NotAfter.ToUniversalTime());
        }
    }

    /// <summary>Random and positive (RFC 5280, section 4.1.2.2).</summary>
    private static byte[] NewSerial()
    {
        var serial = RandomNumberGenerator.GetBytes(SerialBytes);
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40);
        return serial;
    }

    private static DateTimeOffset Later(DateTimeOffset left, DateTimeOffset right) => left > right ? left : right;
}
