using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Testing.Identity;

/// <summary>PEM files of servers and clients on this host.</summary>
public static class TestFiles
{
    /// <summary>Writes <c>{name}.pem</c> and <c>{name}.key</c>, for <c>localhost</c> and 127.0.0.1.</summary>
    /// <param name="name">Also the subject's common name.</param>
    public static (string Certificate, string Key) Write(string folder, string name, TestAuthority authority, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddUri(new Uri($"spiffe://tests.local/{name}"));
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(authority.Certificate, now.AddHours(-1), now.AddHours(1), RandomNumberGenerator.GetBytes(8));
        var files = (Path.Combine(folder, $"{name}.pem"), Path.Combine(folder, $"{name}.key"));
        File.WriteAllText(files.Item1, signed.ExportCertificatePem());
        File.WriteAllText(files.Item2, key.ExportPkcs8PrivateKeyPem());
        return files;
    }
}
