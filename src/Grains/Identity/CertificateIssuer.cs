using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Identity;
using Mesh.Abstractions.Naming;
using Microsoft.Extensions.Logging;

namespace Mesh.Grains.Identity;

/// <summary>Decides who gets a certificate: checks the request, then its one proof, and only then has it signed.</summary>
internal sealed partial class CertificateIssuer(
    AuthorityKeeper keeper, JoinTokens tokens, ITokenReviewer reviewer, IGrainFactory grains, TimeProvider time, ILogger<CertificateIssuer> logger)
{
    /// <summary>Kubernetes' tokens have about 1200 characters.</summary>
    private const int MaxTokenLength = 8192;

    /// <exception cref="IdentityRefusedException">The request or the proof is worth nothing.</exception>
    /// <exception cref="AuthorityException">The authority cannot sign, or the API server cannot be asked.</exception>
    /// <exception cref="StoreUnavailableException">The region's store does not answer.</exception>
    public async Task<IssuedCertificate> Issue(CertificateAsk ask, CancellationToken cancellationToken)
    {
        if (!SigningRequest.TryRead(ask.Csr, out var key, out var problem))
        {
            throw new IdentityRefusedException(IdentityRefusal.Request, $"\"csr\" {problem}.");
        }

        // An authority that cannot sign must not cost anybody a token.
        var authority = await keeper.Get();
        var (service, proof) = ask switch
        {
            { Token: { } token, ServiceAccountToken: null, Renewal: null } => (await tokens.Redeem(token, key.ExportSubjectPublicKeyInfo()), "join token"),
            { Token: null, ServiceAccountToken: { } token, Renewal: null } => (await Review(token, cancellationToken), "service account"),
            { Token: null, ServiceAccountToken: null, Renewal: { } renewal } => (Check(renewal, ask.Csr, authority.Roots), "certificate"),
            _ => throw new IdentityRefusedException(IdentityRefusal.Request, "Send exactly one of \"token\", \"serviceAccountToken\" and \"renewal\"."),
        };
        var issued = await grains.GetGrain<ICertificateAuthorityGrain>(keeper.TrustDomain).Issue(ask.Csr, service);
        LogIssued(issued.Identity, proof, issued.NotAfter);
        return issued;
    }

    private async Task<ServiceName> Review(string token, CancellationToken cancellationToken)
    {
        if (!reviewer.IsConfigured)
        {
            throw new IdentityRefusedException(
                IdentityRefusal.NotSupported, "Service account tokens are not taken here: the silo was given no API server to ask (Mesh:Identity:Kubernetes:Url).");
        }

        if (token.Length > MaxTokenLength)
        {
            throw new IdentityRefusedException(IdentityRefusal.Proof, $"The service account token has more than {MaxTokenLength} characters.");
        }

        return await reviewer.Review(token, cancellationToken)
            ?? throw new IdentityRefusedException(
                IdentityRefusal.Proof, "The API server says that the service account token is not valid. Look at its expiry, its audience and its cluster.");
    }

    private ServiceName Check(RenewalProof renewal, string csr, X509Certificate2Collection roots)
    {
        if (!Pem.TryReadCertificates(renewal.Chain, out var chain))
        {
            throw new IdentityRefusedException(IdentityRefusal.Request, $"\"renewal.chain\" must hold 1 to {Pem.MaxCertificates} certificates in PEM.");
        }

        try
        {
            if (!IdentityCheck.TryVerify(chain[0], chain, roots, isServer: false, keeper.TrustDomain, time.GetUtcNow(), out var identity, out var problem))
            {
                throw Refuse($"In the renewal, {problem}.");
            }

            if (!renewal.IsSignedBy(chain[0], csr))
            {
                throw Refuse("The renewal is not signed by the key of its certificate.");
            }

            return SpiffeId.TryGetService(identity, out var service)
                ? service
                : throw Refuse($"The identity {identity} is of no service.");
        }
        catch (CryptographicException)
        {
            throw Refuse("The certificate of the renewal has a key that cannot be used.");
        }
        finally
        {
            foreach (var certificate in chain)
            {
                certificate.Dispose();
            }
        }
    }

    private static IdentityRefusedException Refuse(string problem) =>
        new(IdentityRefusal.Proof, $"{problem} Use a join token, or a service account's, to begin anew.");

    [LoggerMessage(1711, LogLevel.Information, "Issued a certificate of {Identity} for a {Proof}; it is valid until {NotAfter:u}")]
    private partial void LogIssued(string identity, string proof, DateTimeOffset notAfter);
}
