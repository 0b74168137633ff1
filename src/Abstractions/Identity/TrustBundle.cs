namespace Mesh.Abstractions.Identity;

/// <summary>The roots of a trust domain.</summary>
public sealed record TrustBundle
{
    public required string TrustDomain { get; init; }

    /// <summary>PEM; several while the root is being changed, and where regions have authorities of their own.</summary>
    public required string Bundle { get; init; }
}
