using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Abstractions.Connections;

/// <summary>What one side of a connection shows to the other, and by what it judges the other. Immutable.</summary>
public sealed class PeerCredentials
{
    /// <param name="certificate">Has its private key and one SPIFFE ID.</param>
    /// <param name="chain">The intermediates between it and a root; sent along.</param>
    /// <param name="roots">Whom to trust; more than one while a root is being replaced.</param>
    /// <exception cref="ArgumentException">A part is missing.</exception>
    public PeerCredentials(X509Certificate2 certificate, X509Certificate2Collection chain, X509Certificate2Collection roots)
    {
        if (!certificate.HasPrivateKey)
        {
            throw new ArgumentException("the certificate has no private key", nameof(certificate));
        }

        if (roots.Count == 0)
        {
            throw new ArgumentException("there is no root certificate to trust", nameof(roots));
        }

        SpiffeId = PeerCertificate.ReadSpiffeId(certificate)
            ?? throw new ArgumentException("the certificate does not have exactly one URI among its subject alternative names, a SPIFFE ID", nameof(certificate));
        Roots = roots;
        ExpiresAt = new DateTimeOffset(certificate.NotAfter.ToUniversalTime());
        Context = SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }

    public string SpiffeId { get; }

    public X509Certificate2Collection Roots { get; }

    public DateTimeOffset ExpiresAt { get; }

    public SslStreamCertificateContext Context { get; }
}
