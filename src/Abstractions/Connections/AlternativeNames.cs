using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Abstractions.Connections;

/// <summary>The URIs among a certificate's subject alternative names (RFC 5280, section 4.2.1.6).</summary>
public static class AlternativeNames
{
    private const string Extension = "2.5.29.17";

    private static readonly Asn1Tag UriName = new(TagClass.ContextSpecific, 6);

    /// <exception cref="AsnContentException">The extension is malformed.</exception>
    public static IReadOnlyList<string> UrisOf(X509Certificate2 certificate)
    {
        var found = new List<string>();
        foreach (var extension in certificate.Extensions)
        {
            if (extension.Oid?.Value != Extension)
            {
                continue;
            }

            var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            while (names.HasData)
            {
                if (names.PeekTag().HasSameClassAndValue(UriName))
                {
                    found.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, UriName));
                }
                else
                {
                    names.ReadEncodedValue();
                }
            }
        }

        return found;
    }
}
