using Mesh.Abstractions.Identity;

namespace Mesh.Proxy.Identity;

/// <summary>Where certificates come from.</summary>
internal interface ICertificateIssuer
{
    /// <exception cref="IdentityException">There is none now.</exception>
    Task<IssuedCertificate> Issue(CertificateAsk ask, CancellationToken cancellationToken);

    /// <exception cref="IdentityException">Nobody says.</exception>
    Task<TrustBundle> ReadBundle(CancellationToken cancellationToken);
}
