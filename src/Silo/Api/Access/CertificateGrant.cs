using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Silo.Api.Access;

/// <summary>What the holder of a client certificate may do.</summary>
/// <param name="Name">A URI among the certificate's alternative names, or else its subject's common name.</param>
internal sealed record CertificateGrant(string Name, ApiGrant Grant)
{
    private const string AlternativeNames = "2.5.29.17";

    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);

    /// <summary>The names that a certificate proves.</summary>
    public static IEnumerable<string> NamesOf(X509Certificate2 certificate)
    {
        var names = new List<string>();
        if (certificate.Extensions[AlternativeNames] is { } extension)
        {
            var sequence = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            while (sequence.HasData)
            {
                if (sequence.PeekTag().HasSameClassAndValue(UriTag))
                {
                    names.Add(sequence.ReadCharacterString(UniversalTagNumber.IA5String, UriTag));
                }
                else
                {
                    sequence.ReadEncodedValue();
                }
            }
        }

        var common = certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        return common.Length > 0 ? names.Append(common) : names;
    }
}
