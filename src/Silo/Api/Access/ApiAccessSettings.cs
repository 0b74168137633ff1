namespace Mesh.Silo.Api.Access;

/// <summary>Whether those who call the management API have to say who they are.</summary>
internal sealed record ApiAccessSettings(bool IsRequired)
{
    public IReadOnlyList<CertificateGrant> Certificates { get; init; } = [];
}
