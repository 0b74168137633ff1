using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Abstractions.Connections;

/// <summary>Reads and judges certificates of peers, as X.509-SVIDs (the SPIFFE standard): the name is the one URI, nothing else counts.</summary>
public static class PeerCertificate
{
    /// <returns>Null when the certificate does not have exactly one URI among its subject alternative names.</returns>
    public static string? ReadSpiffeId(X509Certificate2 certificate)
    {
        try
        {
            return AlternativeNames.UrisOf(certificate) is [var only] ? only : null;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    /// <summary>Whether a certificate leads to a trusted root, is valid now and is meant for its side of a connection.</summary>
    /// <param name="sent">The intermediates that the peer sent along.</param>
    /// <param name="isServer">Whether the peer is the side that was connected to.</param>
    /// <param name="reason">Why not.</param>
    public static bool IsTrusted(
        X509Certificate2 certificate, X509Certificate2Collection sent, X509Certificate2Collection roots, bool isServer, DateTimeOffset now, out string reason)
    {
        using var chain = new X509Chain { ChainPolicy = RootTrust.PolicyOf(roots, isServer) };
        chain.ChainPolicy.ExtraStore.AddRange(sent);
        chain.ChainPolicy.VerificationTime = now.LocalDateTime;
        var isTrusted = chain.Build(certificate);
        reason = isTrusted ? "" : string.Join("; ", chain.ChainStatus.Select(static status => status.StatusInformation.Trim()).Distinct());
        foreach (var element in chain.ChainElements)
        {
            element.Certificate.Dispose();
        }

        return isTrusted;
    }
}
