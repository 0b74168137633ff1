using System.Security.Cryptography;
using Mesh.Abstractions.Identity;
using Mesh.Abstractions.Naming;
using Mesh.Grains.Identity;

namespace Mesh.Testing.Identity;

/// <summary>The control plane's authority without a control plane.</summary>
public sealed class TestIssuer
{
    public const string TrustDomain = "mesh.local";

    private readonly List<TestAuthority> _trusted = [];
    private AuthoritySet _set = null!;

    public TestIssuer(DateTimeOffset now)
    {
        Trust(TestAuthority.Make(now));
        SignWith(Root, now);
    }

    /// <summary>The newest root.</summary>
    public TestAuthority Root => _trusted[^1];

    public string Bundle => string.Concat(_trusted.Select(static root => root.Pem + "\n"));

    public void Trust(TestAuthority root) => _trusted.Add(root);

    public void Distrust(TestAuthority root) => _trusted.Remove(root);

    /// <summary>From now on, certificates are signed by another root, or an intermediate.</summary>
    public void SignWith(TestAuthority authority, DateTimeOffset now) => _set = AuthorityFiles.Read(authority.Pem, authority.Key, Bundle, now);

    public IssuedCertificate Issue(string csr, string service, DateTimeOffset now)
    {
        if (!SigningRequest.TryRead(csr, out var key, out var problem))
        {
            throw new ArgumentException(problem, nameof(csr));
        }

        var (identity, chain, notBefore, notAfter) = _set.Issuing.Issue(key, TrustDomain, ServiceName.Parse(service), now);
        return new IssuedCertificate { Identity = identity, Chain = chain, Bundle = Bundle, NotBefore = notBefore, NotAfter = notAfter };
    }

    /// <summary>A certificate with a new key.</summary>
    public (IssuedCertificate Issued, string Key) Issue(string service, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return (Issue(SigningRequest.Create(key), service, now), key.ExportPkcs8PrivateKeyPem());
    }
}
