using System.Collections.Concurrent;
using Mesh.Abstractions.Identity;
using Mesh.Proxy.Identity;
using Mesh.Testing.Identity;

namespace Mesh.Proxy.Tests.Identity;

/// <summary>Issues as the control plane does, and fails when told to.</summary>
internal sealed class FakeCertificateIssuer(TestIssuer issuer, TimeProvider time) : ICertificateIssuer
{
    /// <summary>What was asked for, in order; failures included.</summary>
    public ConcurrentQueue<CertificateAsk> Asked { get; } = new();

    public string Service { get; set; } = "shop/web";

    public Func<CertificateAsk, IdentityException?> Fails { get; set; } = static _ => null;

    public Task<IssuedCertificate> Issue(CertificateAsk ask, CancellationToken cancellationToken)
    {
        Asked.Enqueue(ask);
        return Fails(ask) is { } failure
            ? Task.FromException<IssuedCertificate>(failure)
            : Task.FromResult(issuer.Issue(ask.Csr, Service, time.GetUtcNow()));
    }

    public Task<TrustBundle> ReadBundle(CancellationToken cancellationToken) =>
        Task.FromResult(new TrustBundle { TrustDomain = TestIssuer.TrustDomain, Bundle = issuer.Bundle });
}
