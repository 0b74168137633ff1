using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Identity;

namespace Mesh.Grains.Identity;

/// <summary>Who signs, and whom to trust.</summary>
/// <param name="Roots">Never changed.</param>
internal sealed record AuthoritySet(IssuingAuthority Issuing, X509Certificate2Collection Roots)
{
    /// <summary>The roots in PEM.</summary>
    public string Bundle { get; } = Pem.Write(Roots);
}
