namespace Mesh.Grains.Identity;

/// <summary>Where the authority comes from.</summary>
/// <param name="CertificatePath">PEM; null when Mesh makes its own.</param>
/// <param name="RootsPath">PEM: further roots to trust; null for none.</param>
internal sealed record AuthoritySettings(string TrustDomain, string? CertificatePath, string? KeyPath, string? RootsPath);
