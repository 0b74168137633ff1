using Mesh.Abstractions.Identity;
using Mesh.Abstractions.Naming;

namespace Mesh.Abstractions.Grains;

/// <summary>
/// The certificate authority of a trust domain. A stateless worker: every silo that has the key signs by itself, with as
/// many signatures at once as it has processors. Who may have which certificate was decided before. Key: the trust domain.
/// </summary>
[Alias("mesh.ICertificateAuthorityGrain")]
public interface ICertificateAuthorityGrain : IGrainWithStringKey
{
    /// <param name="csr">A signing request that was checked.</param>
    [Alias("Issue"), ResponseTimeout(ControlPlaneTimeouts.Call)]
    Task<IssuedCertificate> Issue(string csr, ServiceName service);
}
