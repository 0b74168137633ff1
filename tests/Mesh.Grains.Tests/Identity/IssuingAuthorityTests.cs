using System.Security.Cryptography.X509Certificates;
using System.Security.Cryptography;
using Mesh.Abstractions.Identity;
using Mesh.Abstractions.Naming;
using Mesh.Grains.Identity;
using Mesh.Testing.Identity;

namespace Mesh.Grains.Tests.Identity;

public class IssuingAuthorityTests
{
    private const string Domain = "mesh.local";

    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly ServiceName Web = ServiceName.Parse("shop/web");

    [Fact]
    public void A_certificate_says_what_the_authority_says_and_nothing_else()
    {
        var authority = Open(TestAuthority.Make(Now));

        using var issued = Issue(authority, KeyOf(HostileRequest()), out var identity);

        Assert.Equal("spiffe://mesh.local/ns/shop/svc/web", identity);
        Assert.Equal(identity, IdentityCheck.ReadIdentity(issued));
        Assert.Equal("", issued.Subject);
        Assert.False(issued.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
        Assert.Equal(X509KeyUsageFlags.DigitalSignature, issued.Extensions.OfType<X509KeyUsageExtension>().Single().KeyUsages);
        Assert.Empty(issued.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().EnumerateDnsNames());
        Assert.Equal(Now - IssuingAuthority.ClockSkew, issued.NotBefore.ToUniversalTime());
        Assert.Equal(Now + TimeSpan.FromHours(24), issued.NotAfter.ToUniversalTime());
        Assert.Equal(
            authority.Roots[0].Extensions.OfType<X509SubjectKeyIdentifierExtension>().Single().SubjectKeyIdentifierBytes.ToArray(),
            issued.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().Single().KeyIdentifier!.Value.ToArray());
    }

    [Fact]
    public void Serial_numbers_differ()
    {
        var authority = Open(TestAuthority.Make(Now));
        var key = KeyOf(HostileRequest());
        Assert.Equal(50, Enumerable.Range(0, 50).Select(_ => Issue(authority, key, out var _).SerialNumber).Distinct().Count());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Its_certificates_lead_through_intermediates_to_the_root_in_both_roles(bool isServer)
    {
        var root = TestAuthority.Make(Now);
        var intermediate = TestAuthority.Make(Now, TestAuthority.Make(Now, root));
        var authority = AuthorityFiles.Read(intermediate.Pem + "\n" + intermediate.Parent!.Pem, intermediate.Key, root.Pem, Now);
        var (_, chain, _, _) = authority.Issuing.Issue(KeyOf(HostileRequest()), Domain, Web, Now);

        Assert.True(Pem.TryReadCertificates(chain, out var certificates));
        Assert.Equal(3, certificates.Count);
        Assert.True(IdentityCheck.TryVerify(certificates[0], certificates, authority.Roots, isServer, Domain, Now, out _, out var problem), problem);
    }

    [Fact]
    public void No_certificate_outlives_its_authority()
    {
        var authority = Open(TestAuthority.Make(Now, lifetime: TimeSpan.FromHours(3)));

        Assert.Equal(Now.AddHours(3), authority.Issuing.Issue(KeyOf(HostileRequest()), Domain, Web, Now).NotAfter);
        var exception = Assert.Throws<AuthorityException>(() => authority.Issuing.Issue(KeyOf(HostileRequest()), Domain, Web, Now.AddHours(3)));
        Assert.Contains("Mesh:Identity:Ca", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Threads_may_sign_at_once()
    {
        var authority = Open(TestAuthority.Make(Now));
        var key = KeyOf(HostileRequest());
        Parallel.For(0, 200, _ =>
        {
            using var issued = Issue(authority, key, out var _);
            Assert.True(IdentityCheck.TryVerify(issued, [], authority.Roots, isServer: false, Domain, Now, out var _, out var problem), problem);
        });
    }

    private static AuthoritySet Open(TestAuthority authority) => AuthorityFiles.Read(authority.Pem, authority.Key, null, Now);

    private static X509Certificate2 Issue(AuthoritySet authority, PublicKey key, out string identity)
    {
        (identity, var chain, _, _) = authority.Issuing.Issue(key, Domain, Web, Now);
        return X509Certificate2.CreateFromPem(chain);
    }

    private static PublicKey KeyOf(string csr)
    {
        Assert.True(SigningRequest.TryRead(csr, out var key, out var problem), problem);
        return key;
    }

    /// <summary>Asks to be an authority, somebody else and a host besides.</summary>
    private static string HostileRequest()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=admin", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri("spiffe://mesh.local/ns/bank/svc/vault"));
        names.AddDnsName("bank.example");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        return request.CreateSigningRequestPem();
    }
}
