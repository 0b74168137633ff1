using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Connections;
using Mesh.Abstractions.Identity;

namespace Mesh.Proxy.Identity;

/// <summary>A certificate that the control plane gave, with its key. Immutable.</summary>
internal sealed class HeldIdentity
{
    private HeldIdentity(IssuedCertificate issued, string key, PeerCredentials credentials) => (Issued, Key, Credentials) = (issued, key, credentials);

    public IssuedCertificate Issued { get; }

    /// <summary>PKCS #8 in PEM. Never written anywhere but to the identity's file.</summary>
    public string Key { get; }

    /// <summary>The same, ready for handshakes.</summary>
    public PeerCredentials Credentials { get; }

    /// <summary>When to renew: 70 % of the certificate's time, and up to 5 % sooner, so that proxies started together do not ask together.</summary>
    public DateTimeOffset RenewAt(Random random) =>
        Issued.NotBefore + ((Issued.NotAfter - Issued.NotBefore) * (0.7 - (0.05 * random.NextDouble())));

    /// <exception cref="IdentityException">The parts do not fit together.</exception>
    public static HeldIdentity Create(IssuedCertificate issued, string key)
    {
        if (!Pem.TryReadCertificates(issued.Chain, out var chain) || !Pem.TryReadCertificates(issued.Bundle, out var roots))
        {
            throw new IdentityException("The certificate, or the bundle of roots, is not PEM.");
        }

        try
        {
            var certificate = X509Certificate2.CreateFromPem(issued.Chain, key);
            if (OperatingSystem.IsWindows())
            {
                // Windows shakes hands only with keys that it keeps itself.
                certificate = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
            }

            chain.RemoveAt(0);
            var credentials = new PeerCredentials(certificate, chain, roots);
            return credentials.SpiffeId == issued.Identity
                ? new HeldIdentity(issued, key, credentials)
                : throw new IdentityException("The certificate does not have the identity that it was said to have.");
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new IdentityException($"The certificate and the key do not fit together: {exception.Message}", exception);
        }
    }

    /// <summary>The same with other roots.</summary>
    /// <exception cref="IdentityException">It is not PEM.</exception>
    public HeldIdentity WithBundle(string bundle) => Create(Issued with { Bundle = bundle }, Key);
}
