namespace Mesh.Abstractions.Identity;

/// <summary>A certificate as it is handed to a proxy. Nothing in it is secret.</summary>
public sealed record IssuedCertificate
{
    /// <summary>The SPIFFE ID in the certificate.</summary>
    public required string Identity { get; init; }

    /// <summary>PEM: the certificate, then those between it and a root.</summary>
    public required string Chain { get; init; }

    /// <summary>PEM: the roots by which others are to be judged; several while the root is being changed.</summary>
    public required string Bundle { get; init; }

    public required DateTimeOffset NotBefore { get; init; }

    public required DateTimeOffset NotAfter { get; init; }
}
