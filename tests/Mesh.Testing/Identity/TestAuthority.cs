using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Identity;

namespace Mesh.Testing.Identity;

/// <summary>An authority of somebody's own, and certificates that ours would never sign.</summary>
public sealed class TestAuthority
{
    private static int _count;

    private TestAuthority(X509Certificate2 certificate, TestAuthority? parent) => (Certificate, Parent) = (certificate, parent);

    public X509Certificate2 Certificate { get; }

    public TestAuthority? Parent { get; }

    public string Key => Certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem();

    public string Pem => Certificate.ExportCertificatePem();

    /// <param name="parent">Null makes a root.</param>
    /// <param name="name">The subject's common name; null makes one that no other has.</param>
    public static TestAuthority Make(DateTimeOffset now, TestAuthority? parent = null, TimeSpan? lifetime = null, bool isAuthority = true, string? name = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name ?? $"Test authority {Interlocked.Increment(ref _count)}"}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var until = now + (lifetime ?? TimeSpan.FromDays(30));
        if (parent is not null && until > parent.Certificate.NotAfter)
        {
            until = parent.Certificate.NotAfter;
        }

        if (parent is null)
        {
            return new TestAuthority(request.CreateSelfSigned(now.AddDays(-1), until), null);
        }

        using var signed = request.Create(parent.Certificate, now.AddDays(-1), until, RandomNumberGenerator.GetBytes(8));
        return new TestAuthority(signed.CopyWithPrivateKey(key), parent);
    }

    /// <summary>A certificate of whoever one likes to be.</summary>
    /// <param name="issuer">Null makes it sign itself.</param>
    public static X509Certificate2 Leaf(TestAuthority? issuer, DateTimeOffset now, params string[] identities)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var identity in identities)
        {
            names.AddUri(new Uri(identity));
        }

        var request = new CertificateRequest("CN=leaf", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(
            [new Oid(IdentityCheck.ServerUse), new Oid(IdentityCheck.ClientUse)], critical: false));
        if (issuer is null)
        {
            return request.CreateSelfSigned(now.AddMinutes(-5), now.AddHours(1));
        }

        // Signs for whoever has a key, authority or not.
        var generator = X509SignatureGenerator.CreateForECDsa(issuer.Certificate.GetECDsaPrivateKey()!);
        using var signed = request.Create(issuer.Certificate.SubjectName, generator, now.AddMinutes(-5), now.AddHours(1), RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }
}
