using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Identity;

namespace Mesh.Proxy.Identity;

/// <summary>
/// The authorities between certificates and roots that were met in handshakes. A resumed session carries the peer's
/// certificate but not what came with it, so that it must be remembered from the first one.
/// </summary>
internal sealed class KnownIntermediates
{
    /// <summary>A trust domain has a few, and some more while they are being changed. The oldest go first.</summary>
    private const int Most = 32;

    private readonly Lock _lock = new();
    private volatile X509Certificate2[] _known = [];

    public IReadOnlyList<X509Certificate2> Known => _known;

    /// <param name="sent">What came with a certificate that was good; only authorities under the roots are kept of it.</param>
    public void Remember(X509Certificate2Collection sent, X509Certificate2Collection roots, DateTimeOffset now)
    {
        foreach (var certificate in sent)
        {
            if (!Array.Exists(_known, certificate.Equals) && IdentityCheck.IsIntermediate(certificate, sent, roots, now))
            {
                Add(X509CertificateLoader.LoadCertificate(certificate.RawData));
            }
        }
    }

    private void Add(X509Certificate2 certificate)
    {
        lock (_lock)
        {
            if (!Array.Exists(_known, certificate.Equals))
            {
                _known = [.. _known.TakeLast(Most - 1), certificate];
            }
        }
    }
}
