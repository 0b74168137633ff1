using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Connections;
using Mesh.Abstractions.Naming;

namespace Mesh.Testing.Identity;

/// <summary>Issues identities of silos and services, in memory or as PEM files, past everything that ours would check.</summary>
public sealed class PeerAuthority(string name = "root")
{
    public const string TrustDomain = "mesh.local";

    private readonly TestAuthority _root = TestAuthority.Make(TimeProvider.System.GetUtcNow(), name: name);

    public string RootPem => _root.Pem;

    public PeerCredentials Silo(params PeerAuthority[] alsoTrusted) => Issue(PeerIdentity.OfSilo(TrustDomain), alsoTrusted);

    public PeerCredentials Proxy(string service, params PeerAuthority[] alsoTrusted) => Issue(SpiffeId.Of(TrustDomain, ServiceName.Parse(service)), alsoTrusted);

    public PeerCredentials Issue(string spiffeId, PeerAuthority[] alsoTrusted, TimeSpan? age = null)
    {
        X509Certificate2Collection roots = [_root.Certificate, .. alsoTrusted.Select(static other => other._root.Certificate)];
        return new PeerCredentials(TestAuthority.Leaf(_root, TimeProvider.System.GetUtcNow() - (age ?? TimeSpan.Zero), spiffeId), [], roots);
    }

    /// <summary>Writes <c>cert.pem</c>, <c>key.pem</c> and <c>roots.pem</c> into a folder, each in one step.</summary>
    public void Write(string folder, string spiffeId, params PeerAuthority[] alsoTrusted)
    {
        using var certificate = TestAuthority.Leaf(_root, TimeProvider.System.GetUtcNow(), spiffeId);
        using var key = certificate.GetECDsaPrivateKey()!;
        Replace(Path.Combine(folder, "roots.pem"), string.Join('\n', [RootPem, .. alsoTrusted.Select(static other => other.RootPem)]));
        Replace(Path.Combine(folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        Replace(Path.Combine(folder, "cert.pem"), certificate.ExportCertificatePem());
    }

    private static void Replace(string path, string text)
    {
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
    }
}
