using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Identity;

namespace Mesh.Abstractions.Connections;

/// <summary>Trust in certain authorities and no others (RFC 5280, section 6). Nobody else is asked: no revocation lists, no downloads.</summary>
public static class RootTrust
{
    /// <param name="isServer">Whether the certificate is of the side that was connected to.</param>
    public static X509ChainPolicy PolicyOf(X509Certificate2Collection roots, bool isServer)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(roots);
        policy.ApplicationPolicy.Add(new Oid(isServer ? IdentityCheck.ServerUse : IdentityCheck.ClientUse));
        return policy;
    }

    /// <param name="sent">What came with the certificate.</param>
    /// <inheritdoc cref="PolicyOf"/>
    public static bool IsTrusted(X509Certificate2 certificate, X509Chain? sent, X509Certificate2Collection roots, bool isServer)
    {
        using var chain = new X509Chain { ChainPolicy = PolicyOf(roots, isServer) };
        if (sent is not null)
        {
            chain.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
        }

        return chain.Build(certificate);
    }
}
