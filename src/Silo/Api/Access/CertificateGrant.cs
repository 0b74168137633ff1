using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Connections;

namespace Mesh.Silo.Api.Access;

/// <summary>What the holder of a client certificate may do.</summary>
/// <param name="Name">A URI among the certificate's alternative names, or else its subject's only common name.</param>
internal sealed record CertificateGrant(string Name, ApiGrant Grant)
{
    private const string CommonName = "2.5.4.3";

    /// <summary>The names that a certificate proves.</summary>
    /// <exception cref="System.Formats.Asn1.AsnContentException">It is malformed.</exception>
    public static IEnumerable<string> NamesOf(X509Certificate2 certificate)
    {
        var names = AlternativeNames.UrisOf(certificate);
        return CommonNameOf(certificate) is { } common ? names.Append(common) : names;
    }

    /// <summary>
    /// Of a subject with exactly one. <see cref="X509NameType.SimpleName"/> would make do with an organisation or an address
    /// instead, and a common name that looks like a URI is none: authorities check URIs where they belong.
    /// </summary>
    private static string? CommonNameOf(X509Certificate2 certificate)
    {
        var common = certificate.SubjectName.EnumerateRelativeDistinguishedNames()
            .Where(static part => !part.HasMultipleElements && part.GetSingleElementType().Value == CommonName)
            .Select(static part => part.GetSingleElementValue())
            .Take(2)
            .ToList();
        return common is [{ Length: > 0 } only] && !only.Contains("://", StringComparison.Ordinal) ? only : null;
    }
}
