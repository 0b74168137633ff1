using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Identity;
using Mesh.Abstractions.Naming;
using Orleans.Concurrency;

namespace Mesh.Grains.Identity;

/// <inheritdoc cref="ICertificateAuthorityGrain"/>
[StatelessWorker]
internal sealed class CertificateAuthorityGrain(AuthorityKeeper keeper, TimeProvider time) : Grain, ICertificateAuthorityGrain
{
    public async Task<IssuedCertificate> Issue(string csr, ServiceName service)
    {
        if (this.GetPrimaryKeyString() != keeper.TrustDomain)
        {
            DeactivateOnIdle();
            throw new AuthorityException($"This silo's trust domain is {keeper.TrustDomain} (Mesh:TrustDomain), not {this.GetPrimaryKeyString()}. Give all silos the same.");
        }

        if (!SigningRequest.TryRead(csr, out var key, out var problem))
        {
            throw new IdentityRefusedException(IdentityRefusal.Request, $"The signing request {problem}.");
        }

        var authority = await keeper.Get();
        var (identity, chain, notBefore, notAfter) = authority.Issuing.Issue(key, keeper.TrustDomain, service, time.GetUtcNow());
        return new IssuedCertificate
        {
            Identity = identity,
            Chain = chain,
            Bundle = authority.Bundle,
            NotBefore = notBefore,
            NotAfter = notAfter,
        };
    }
}
