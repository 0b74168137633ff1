using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Abstractions.Identity;

/// <summary>Which keys may have a certificate: ECDSA on P-256 or P-384, RSA with 2048 to 4096 bits.</summary>
public static class KeyRules
{
    public const string Rule = "an ECDSA key on P-256 or P-384, or an RSA key with 2048 to 4096 bits";

    private const string P256 = "1.2.840.10045.3.1.7";
    private const string P384 = "1.3.132.0.34";

    /// <returns>Null when the key is good enough; else what it is.</returns>
    public static string? Explain(PublicKey key)
    {
        try
        {
            using var ecdsa = key.GetECDsaPublicKey();
            if (ecdsa is not null)
            {
                return ecdsa.ExportParameters(includePrivateParameters: false).Curve is { IsNamed: true, Oid.Value: P256 or P384 }
                    ? null
                    : "an ECDSA key on another curve";
            }

            using var rsa = key.GetRSAPublicKey();
            return rsa switch
            {
                null => "neither ECDSA nor RSA",
                { KeySize: < 2048 or > 4096 } => $"an RSA key with {rsa.KeySize} bits",
                _ when HasWeakExponent(rsa) => "an RSA key with a small or even exponent",
                _ => null,
            };
        }
        catch (CryptographicException)
        {
            return "malformed";
        }
        catch (PlatformNotSupportedException)
        {
            return "of a kind this machine does not know";
        }
    }

    /// <summary>NIST SP 800-56B asks for an odd exponent above 65536.</summary>
    private static bool HasWeakExponent(RSA rsa)
    {
        var exponent = rsa.ExportParameters(includePrivateParameters: false).Exponent.AsSpan().TrimStart((byte)0);
        return exponent.Length < 3 || (exponent[^1] & 1) == 0;
    }
}
