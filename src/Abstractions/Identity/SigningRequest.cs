using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Abstractions.Identity;

/// <summary>PKCS #10 requests (RFC 2986): all they say is which key, and that the sender has it.</summary>
public static class SigningRequest
{
    /// <summary>The longest, in characters: an RSA key of 4096 bits needs 1700.</summary>
    public const int MaxLength = 8192;

    public static string Create(ECDsa key) =>
        new CertificateRequest(new X500DistinguishedName(""), key, HashAlgorithmName.SHA256).CreateSigningRequestPem();

    /// <summary>The key of a request, whose signature it must bear. Names and extensions are not even looked at.</summary>
    public static bool TryRead(string csr, [NotNullWhen(true)] out PublicKey? key, [NotNullWhen(false)] out string? problem)
    {
        key = null;
        problem = null;
        if (csr.Length > MaxLength)
        {
            problem = $"has {csr.Length} characters; at most {MaxLength} are allowed";
            return false;
        }

        try
        {
            var request = CertificateRequest.LoadSigningRequestPem(csr, HashAlgorithmName.SHA256);
            if (KeyRules.Explain(request.PublicKey) is { } weakness)
            {
                problem = $"has a key that is {weakness}; make {KeyRules.Rule}";
                return false;
            }

            key = request.PublicKey;
            return true;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException or NotSupportedException)
        {
            problem = "is not a PKCS #10 request in PEM (BEGIN CERTIFICATE REQUEST) that is signed with its own key by SHA-256 or better";
            return false;
        }
    }
}
