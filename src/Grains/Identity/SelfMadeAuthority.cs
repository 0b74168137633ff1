using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Identity;

namespace Mesh.Grains.Identity;

/// <summary>Makes roots, and puts together what the stored ones mean at a time.</summary>
internal static class SelfMadeAuthority
{
    private static readonly TimeSpan RootLifetime = TimeSpan.FromDays(3650);

    /// <summary>How long a root stays in the bundle after the next one has begun to sign: as long as its certificates hold.</summary>
    private static readonly TimeSpan Aftermath = IssuingAuthority.Lifetime + IssuingAuthority.ClockSkew;

    public static StoredAuthority Make(int generation, DateTimeOffset signsFrom, DateTimeOffset now, IKeyVault vault)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var name = new X500DistinguishedNameBuilder();

        // The name tells roots of different regions apart, which may have the same number.
        name.AddCommonName($"Mesh authority {generation} {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}");
        var request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(
            certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using var certificate = request.CreateSelfSigned(now - IssuingAuthority.ClockSkew, now + RootLifetime);
        var privateKey = key.ExportPkcs8PrivateKey();
        try
        {
            return new StoredAuthority
            {
                Generation = generation,
                Certificate = certificate.ExportCertificatePem(),
                ProtectedKey = Convert.ToBase64String(vault.Protect(privateKey)),
                SignsFrom = signsFrom,
            };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(privateKey);
        }
    }

    /// <summary>The newest that may sign already does; the others are trusted while they may be met.</summary>
    /// <exception cref="AuthorityException">The key cannot be decrypted here, or what is stored is malformed.</exception>
    public static AuthoritySet Combine(IReadOnlyList<StoredAuthority> stored, X509Certificate2Collection moreRoots, DateTimeOffset now, IKeyVault vault)
    {
        var ordered = stored.OrderBy(static one => one.Generation).ToList();
        var signing = ordered.LastOrDefault(one => one.SignsFrom <= now) ?? ordered[0];
        var roots = new X509Certificate2Collection();
        for (var i = 0; i < ordered.Count; i++)
        {
            var isOver = ordered.Skip(i + 1).Any(next => next.SignsFrom + Aftermath < now);
            if (!isOver)
            {
                roots.Add(X509Certificate2.CreateFromPem(ordered[i].Certificate));
            }
        }

        roots.AddRange(moreRoots);
        return new AuthoritySet(new IssuingAuthority(Open(signing, vault), []), roots);
    }

    /// <summary>
    /// What is known and not stored any more, as it is to be put back. A number that somebody has given to another root
    /// meanwhile, because they found none, is left to that; the known root comes after it, and signs from now on, so that
    /// both are trusted for as long as certificates of the other one may be met.
    /// </summary>
    public static IReadOnlyList<StoredAuthority> FindLost(IReadOnlyList<StoredAuthority> known, IReadOnlyList<StoredAuthority> stored, DateTimeOffset now)
    {
        var generations = stored.Select(static one => one.Generation).ToHashSet();
        var certificates = stored.Select(static one => one.Certificate).ToHashSet(StringComparer.Ordinal);
        var lost = new List<StoredAuthority>();
        foreach (var one in known.OrderBy(static one => one.Generation).Where(one => !certificates.Contains(one.Certificate)))
        {
            var next = generations.Add(one.Generation) ? one : one with
            {
                Generation = generations.Max() + 1,
                SignsFrom = one.SignsFrom > now ? one.SignsFrom : now,
            };
            generations.Add(next.Generation);
            lost.Add(next);
        }

        return lost;
    }

    private static X509Certificate2 Open(StoredAuthority stored, IKeyVault vault)
    {
        var privateKey = vault.Unprotect(Convert.FromBase64String(stored.ProtectedKey));
        try
        {
            using var key = ECDsa.Create();
            key.ImportPkcs8PrivateKey(privateKey, out _);
            using var certificate = X509Certificate2.CreateFromPem(stored.Certificate);
            return certificate.CopyWithPrivateKey(key);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(privateKey);
        }
    }
}
