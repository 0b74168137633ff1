using System.Formats.Asn1;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Connections;

namespace Mesh.Proxy.Forwarding;

/// <summary>What is demanded of the other side of TLS that is no proxy of the mesh, whichever side connects.</summary>
/// <param name="roots">The authorities to trust; null for those of the system.</param>
/// <param name="names">One of the certificate's alternative names must be one of these: DNS names and URIs; any will do when empty.</param>
/// <param name="minVersion"><c>1.2</c> or <c>1.3</c>.</param>
internal sealed class TlsRules(X509Certificate2Collection? roots, IReadOnlyList<string> names, string minVersion)
{
    public SslProtocols Versions { get; } = minVersion == "1.3" ? SslProtocols.Tls13 : SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>Whether certificates of authorities that the system does not trust are demanded.</summary>
    public bool HasRoots => roots is not null;

    /// <summary>For the platform to judge by.</summary>
    /// <param name="isServer">Whether the other side was connected to.</param>
    public X509ChainPolicy? ChainPolicy(bool isServer) => roots is null ? null : RootTrust.PolicyOf(roots, isServer);

    /// <param name="errors">What the platform found, by <see cref="ChainPolicy"/>.</param>
    /// <param name="expected">The name that it was asked for, which counts when no names are demanded; null for none.</param>
    /// <returns>What is wrong; null when nothing is.</returns>
    public string? Judge(X509Certificate2? certificate, SslPolicyErrors errors, string? expected)
    {
        if (certificate is null)
        {
            return "there is none";
        }

        if ((errors & SslPolicyErrors.RemoteCertificateChainErrors) != 0)
        {
            return roots is null ? "it is not of an authority that this proxy's system trusts, or has expired" : "it is not of an authority that is to be trusted, or has expired";
        }

        if (names.Count > 0)
        {
            return names.Any(name => IsFor(certificate, name)) ? null : "it has none of the alternative names that are demanded";
        }

        return expected is null || (errors & SslPolicyErrors.RemoteCertificateNameMismatch) == 0 ? null : $"it is not for {expected}";
    }

    private static bool IsFor(X509Certificate2 certificate, string name)
    {
        if (!name.Contains("://", StringComparison.Ordinal))
        {
            return certificate.MatchesHostname(name, allowWildcards: true, allowCommonName: false);
        }

        try
        {
            return AlternativeNames.UrisOf(certificate).Contains(name, StringComparer.Ordinal);
        }
        catch (AsnContentException)
        {
            return false;
        }
    }
}
