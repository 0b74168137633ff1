namespace Mesh.Abstractions.Access;

/// <summary>Who calls. Of each list that is not empty one item must hold; at least one list is not.</summary>
public sealed record AccessSource
{
    /// <summary>SPIFFE IDs, proved by mutual TLS and compared whole, such as <c>spiffe://mesh.local/ns/shop/svc/web</c>.</summary>
    public IReadOnlyList<string> Identities { get; init; } = [];

    /// <summary>Namespaces of identities that were proved.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>The other end of the connection: IP addresses, and networks in CIDR notation (RFC 4632, RFC 4291).</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>Claims of a token that is valid for one of the policy's issuers; all must hold.</summary>
    public IReadOnlyList<ClaimMatch> Claims { get; init; } = [];
}
