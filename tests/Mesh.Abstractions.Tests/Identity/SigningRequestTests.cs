using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Identity;

namespace Mesh.Abstractions.Tests.Identity;

public class SigningRequestTests
{
    [Fact]
    public void A_request_is_read_as_its_key()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        Assert.True(SigningRequest.TryRead(SigningRequest.Create(key), out var read, out _));
        Assert.Equal(key.ExportSubjectPublicKeyInfo(), read.ExportSubjectPublicKeyInfo());
    }

    [Theory]
    [InlineData(1024, "1024 bits")]
    [InlineData(8192, "8192 bits")]
    public void Weak_and_huge_rsa_keys_are_refused(int bits, string problem) => AssertRefused(RsaRequest(bits), problem);

    [Fact]
    public void An_rsa_key_of_2048_bits_will_do() => Assert.True(SigningRequest.TryRead(RsaRequest(2048), out _, out _));

    [Fact]
    public void Other_curves_are_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP521);
        AssertRefused(SigningRequest.Create(key), "another curve");
    }

    [Fact]
    public void A_request_that_its_key_did_not_sign_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName(""), new PublicKey(key), HashAlgorithmName.SHA256);
        var forged = request.CreateSigningRequestPem(X509SignatureGenerator.CreateForECDsa(other));

        AssertRefused(forged, "signed with its own key");
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----")]
    [InlineData("-----BEGIN CERTIFICATE REQUEST-----\n\n-----END CERTIFICATE REQUEST-----")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")]
    public void Anything_else_is_refused(string text) => AssertRefused(text, "PKCS #10");

    [Fact]
    public void A_request_without_end_is_refused_before_it_is_parsed() => AssertRefused(new string('A', SigningRequest.MaxLength + 1), "at most 8192");

    private static string RsaRequest(int bits)
    {
        using var key = RSA.Create(bits);
        return new CertificateRequest(new X500DistinguishedName(""), key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSigningRequestPem();
    }

    private static void AssertRefused(string csr, string expected)
    {
        Assert.False(SigningRequest.TryRead(csr, out _, out var problem));
        Assert.Contains(expected, problem, StringComparison.Ordinal);
    }
}
