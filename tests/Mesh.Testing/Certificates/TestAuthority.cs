using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Connections;
using Mesh.Abstractions.Naming;

namespace Mesh.Testing.Certificates;

/// <summary>A root that signs identities of silos and services, in memory or as PEM files.</summary>
public sealed class TestAuthority : IDisposable
{
    public const string TrustDomain = "mesh.local";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _root;

    public TestAuthority(string name = "root")
    {
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = TimeProvider.System.GetUtcNow();
        _root = request.CreateSelfSigned(now.AddDays(-2), now.AddDays(30));
    }

    public string RootPem => _root.ExportCertificatePem();

    public PeerCredentials Silo(params TestAuthority[] alsoTrusted) => Issue(PeerIdentity.OfSilo(TrustDomain), alsoTrusted);

    public PeerCredentials Proxy(string service, params TestAuthority[] alsoTrusted) => Issue(SpiffeId.Of(TrustDomain, ServiceName.Parse(service)), alsoTrusted);

    public PeerCredentials Issue(string spiffeId, TestAuthority[] alsoTrusted, TimeSpan? age = null)
    {
        var roots = new X509Certificate2Collection(_root);
        foreach (var other in alsoTrusted)
        {
            roots.Add(other._root);
        }

        return new PeerCredentials(Sign(spiffeId, age ?? TimeSpan.Zero), [], roots);
    }

    /// <summary>Writes <c>cert.pem</c>, <c>key.pem</c> and <c>roots.pem</c> into a folder, each in one step.</summary>
    public void Write(string folder, string spiffeId, params TestAuthority[] alsoTrusted)
    {
        using var certificate = Sign(spiffeId, TimeSpan.Zero);
        using var key = certificate.GetECDsaPrivateKey()!;
        Replace(Path.Combine(folder, "roots.pem"), string.Join('\n', [RootPem, .. alsoTrusted.Select(static other => other.RootPem)]));
        Replace(Path.Combine(folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        Replace(Path.Combine(folder, "cert.pem"), certificate.ExportCertificatePem());
    }

    public void Dispose()
    {
        _root.Dispose();
        _key.Dispose();
    }

    private static void Replace(string path, string text)
    {
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
    }

    private X509Certificate2 Sign(string spiffeId, TimeSpan age)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=leaf", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(spiffeId));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1"), new("1.3.6.1.5.5.7.3.2")], false));
        var from = TimeProvider.System.GetUtcNow().AddHours(-1) - age;
        using var signed = request.Create(_root, from, from.AddHours(25), RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }
}
