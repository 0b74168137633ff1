using System.Security.Cryptography.X509Certificates;
using System.Security.Cryptography;
using Mesh.Grains.Identity;
using Mesh.Testing.Identity;

namespace Mesh.Grains.Tests.Identity;

public class AuthorityFilesTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TestAuthority _root = TestAuthority.Make(Now);

    [Fact]
    public void An_intermediate_signs_and_its_root_is_trusted()
    {
        var intermediate = TestAuthority.Make(Now, _root);
        Assert.Equal([_root.Certificate.Thumbprint], Roots(Read(intermediate, _root.Pem)));
        Assert.Equal([_root.Certificate.Thumbprint], Roots(AuthorityFiles.Read(intermediate.Pem + "\n" + _root.Pem, intermediate.Key, null, Now)));
    }

    [Fact]
    public void Several_roots_are_trusted_during_a_change()
    {
        var next = TestAuthority.Make(Now);
        Assert.Equal(2, Read(_root, next.Pem).Roots.Count);
    }

    [Fact]
    public void What_does_not_fit_is_said_with_its_key()
    {
        AssertRefused("Mesh:Identity:Ca:Key", () => AuthorityFiles.Read(_root.Pem, TestAuthority.Make(Now).Key, null, Now));
        AssertRefused("Mesh:Identity:Ca:Key", () => AuthorityFiles.Read(_root.Pem, "no key", null, Now));
        AssertRefused("Mesh:Identity:Ca:Certificate", () => AuthorityFiles.Read("", _root.Key, null, Now));
        AssertRefused("CA:true", () => Read(TestAuthority.Make(Now, _root, isAuthority: false), _root.Pem));
        AssertRefused("Mesh:Identity:Ca:Roots", () => Read(TestAuthority.Make(Now, _root), null));
        AssertRefused("Mesh:Identity:Ca:Roots", () => Read(_root, "nothing"));
        AssertRefused("not valid", () => Read(TestAuthority.Make(Now, lifetime: TimeSpan.FromHours(-1)), null));
    }

    [Fact]
    public void A_weak_key_signs_nothing()
    {
        using var key = RSA.Create(1024);
        var request = new CertificateRequest("CN=weak", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var weak = request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(1));
        AssertRefused("1024 bits", () => AuthorityFiles.Read(weak.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem(), null, Now));
    }

    private static AuthoritySet Read(TestAuthority authority, string? roots) => AuthorityFiles.Read(authority.Pem, authority.Key, roots, Now);

    private static IEnumerable<string> Roots(AuthoritySet authority) => authority.Roots.Select(static root => root.Thumbprint);

    private static void AssertRefused(string expected, Func<AuthoritySet> read) =>
        Assert.Contains(expected, Assert.Throws<AuthorityException>(read).Message, StringComparison.Ordinal);
}
