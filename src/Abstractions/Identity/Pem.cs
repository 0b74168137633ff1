using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Abstractions.Identity;

/// <summary>Certificates in PEM (RFC 7468), bounded in number and size.</summary>
public static class Pem
{
    public const int MaxCertificates = 32;

    public const int MaxLength = 128 * 1024;

    /// <returns>False when there is none, or too many, or one is malformed.</returns>
    public static bool TryReadCertificates(string text, [NotNullWhen(true)] out X509Certificate2Collection? certificates)
    {
        certificates = null;
        if (text.Length > MaxLength)
        {
            return false;
        }

        try
        {
            var read = new X509Certificate2Collection();
            read.ImportFromPem(text);
            certificates = read.Count is > 0 and <= MaxCertificates ? read : null;
        }
        catch (CryptographicException)
        {
            // Said by the answer.
        }

        return certificates is not null;
    }

    public static string Write(IEnumerable<X509Certificate2> certificates) =>
        string.Concat(certificates.Select(static certificate => certificate.ExportCertificatePem() + "\n"));
}
