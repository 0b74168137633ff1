using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Identity;

namespace Mesh.Grains.Identity;

/// <summary>Reads an authority from PEM: a root, or an intermediate of another authority with its chain.</summary>
internal static class AuthorityFiles
{
    /// <param name="certificates">The signing certificate, then those between it and a root; the root may be among them.</param>
    /// <param name="key">Its private key, unencrypted.</param>
    /// <param name="moreRoots">Further roots to trust; the root of an intermediate must be here or in its chain.</param>
    /// <exception cref="AuthorityException">Something does not fit.</exception>
    public static AuthoritySet Read(string certificates, string key, string? moreRoots, DateTimeOffset now)
    {
        if (!Pem.TryReadCertificates(certificates, out var chain))
        {
            throw new AuthorityException($"Mesh:Identity:Ca:Certificate holds no certificates, more than {Pem.MaxCertificates}, or malformed ones; write PEM, the signing one first.");
        }

        var roots = new X509Certificate2Collection();
        roots.AddRange(ReadRoots(moreRoots));
        foreach (var root in chain.Where(IsSelfIssued).Where(root => !roots.Contains(root)))
        {
            roots.Add(root);
        }

        var signing = WithKey(chain[0], key);
        CheckCanSign(signing, chain, roots, now);
        return new AuthoritySet(new IssuingAuthority(signing, chain.Where(static one => !IsSelfIssued(one))), roots);
    }

    /// <exception cref="AuthorityException">The text holds something else than certificates of authorities.</exception>
    public static X509Certificate2Collection ReadRoots(string? pem)
    {
        if (pem is null)
        {
            return [];
        }

        if (!Pem.TryReadCertificates(pem, out var roots) || roots.Any(static root => !IsAuthority(root)))
        {
            throw new AuthorityException($"Mesh:Identity:Ca:Roots must hold 1 to {Pem.MaxCertificates} certificates of authorities in PEM.");
        }

        return roots;
    }

    private static X509Certificate2 WithKey(X509Certificate2 certificate, string key)
    {
        try
        {
            return X509Certificate2.CreateFromPem(certificate.ExportCertificatePem(), key);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            // The inner exception does not quote the key.
            throw new AuthorityException(
                "Mesh:Identity:Ca:Key is not the unencrypted private key, in PEM, of the first certificate in Mesh:Identity:Ca:Certificate.", exception);
        }
    }

    private static void CheckCanSign(X509Certificate2 signing, X509Certificate2Collection chain, X509Certificate2Collection roots, DateTimeOffset now)
    {
        if (!IsAuthority(signing))
        {
            throw new AuthorityException("The first certificate in Mesh:Identity:Ca:Certificate may not sign others: it needs CA:true, and keyCertSign if it has a key usage.");
        }

        if (KeyRules.Explain(signing.PublicKey) is { } weakness)
        {
            throw new AuthorityException($"The key of the first certificate in Mesh:Identity:Ca:Certificate is {weakness}; make {KeyRules.Rule}.");
        }

        using var path = new X509Chain();
        path.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        path.ChainPolicy.CustomTrustStore.AddRange(roots);
        path.ChainPolicy.ExtraStore.AddRange(chain);
        path.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        path.ChainPolicy.DisableCertificateDownloads = true;
        path.ChainPolicy.VerificationTime = now.UtcDateTime;
        if (!path.Build(signing))
        {
            throw new AuthorityException(
                $"The certificate in Mesh:Identity:Ca:Certificate is not valid: {string.Join(", ", path.ChainStatus.Select(static status => status.Status))}. "
                + "Its root must be in Mesh:Identity:Ca:Roots, or last in the file.");
        }
    }

    private static bool IsAuthority(X509Certificate2 certificate)
    {
        try
        {
            return certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(static extension => extension.CertificateAuthority)
                && certificate.Extensions.OfType<X509KeyUsageExtension>().All(static usage => usage.KeyUsages.HasFlag(X509KeyUsageFlags.KeyCertSign));
        }
        catch (CryptographicException)
        {
            // An extension that cannot be read.
            return false;
        }
    }

    private static bool IsSelfIssued(X509Certificate2 certificate) =>
        certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);
}
