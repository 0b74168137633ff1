using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Mesh.Abstractions.Identity;

/// <summary>
/// Proves an identity by the certificate one has: its key signs the request for the next one. Whoever sends a recorded
/// proof again gets a certificate for a key that only its owner has.
/// </summary>
public sealed record RenewalProof
{
    /// <summary>Keeps a signature that was made for another purpose from being one for this.</summary>
    private const string Purpose = "mesh-renewal-v1\n";

    /// <summary>The certificate in PEM, then those between it and a root.</summary>
    public required string Chain { get; init; }

    /// <summary>SHA-256 with ECDSA (RFC 3279) or RSA PKCS #1 over the purpose and the request's text, in Base64.</summary>
    public required string Signature { get; init; }

    public static RenewalProof Create(string chain, ECDsa key, string csr) => new()
    {
        Chain = chain,
        Signature = Convert.ToBase64String(key.SignData(Signed(csr), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)),
    };

    /// <summary>Whether the key of <paramref name="certificate"/> signed the request.</summary>
    public bool IsSignedBy(X509Certificate2 certificate, string csr)
    {
        var signature = new byte[Signature.Length];
        if (!Convert.TryFromBase64String(Signature, signature, out var length))
        {
            return false;
        }

        var bytes = signature.AsSpan(0, length);
        using var ecdsa = certificate.GetECDsaPublicKey();
        using var rsa = certificate.GetRSAPublicKey();
        return ecdsa?.VerifyData(Signed(csr), bytes, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)
            ?? rsa?.VerifyData(Signed(csr), bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            ?? false;
    }

    private static byte[] Signed(string csr) => Encoding.UTF8.GetBytes(Purpose + csr);
}
