namespace Mesh.Silo.Api.Access;

/// <summary>Whether those who call the management API have to say who they are.</summary>
internal sealed record ApiAccessSettings(bool IsRequired)
{
    /// <summary>Whether browsers send a session's cookie by TLS only, also where this silo has none: what stands in front of it has.</summary>
    public bool IsCookieSecure { get; init; }

    public IReadOnlyList<CertificateGrant> Certificates { get; init; } = [];

    /// <summary>Names that the API on loopback is called by, besides loopback's own. Compared without case.</summary>
    public IReadOnlySet<string> AllowedHosts { get; init; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
}
