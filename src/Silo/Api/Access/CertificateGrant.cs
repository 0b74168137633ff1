using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Connections;

namespace Mesh.Silo.Api.Access;

/// <summary>What the holder of a client certificate may do.</summary>
/// <param name="Name">A URI among the certificate's alternative names, or else its subject's common name.</param>
internal sealed record CertificateGrant(string Name, ApiGrant Grant)
{
    /// <summary>The names that a certificate proves.</summary>
    /// <exception cref="System.Formats.Asn1.AsnContentException">It is malformed.</exception>
    public static IEnumerable<string> NamesOf(X509Certificate2 certificate)
    {
        var names = AlternativeNames.UrisOf(certificate);
        var common = certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        return common.Length > 0 ? names.Append(common) : names;
    }
}
