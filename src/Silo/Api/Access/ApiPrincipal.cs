using Mesh.Abstractions.Access;

namespace Mesh.Silo.Api.Access;

/// <summary>Who sends a request to the management API, and what they may do.</summary>
/// <param name="Name">Such as <c>token:ci</c>. As whoever chose it wrote it: <see cref="Audit.Caller"/> makes it fit for logs.</param>
internal sealed record ApiPrincipal(string Name, IReadOnlyList<ApiGrant> Grants)
{
    /// <summary>Whether a client certificate said so, and no token.</summary>
    public bool IsOfCertificate { get; init; }

    /// <summary>Why it is believed, where that is worth to be remembered while a request lasts.</summary>
    public JwtProof? Proof { get; init; }

    /// <summary>Everybody, where nobody has to say who they are.</summary>
    public static ApiPrincipal Anonymous { get; } = new("anonymous", [ApiGrant.Everything]);

    public bool May(ApiRole role, string space) => Grants.Any(grant => grant.Role >= role && grant.Covers(space));

    public bool MayEverywhere(ApiRole role) => Grants.Any(grant => grant.Role >= role && grant.IsEverywhere);

    /// <summary>Whether there is any namespace where they may.</summary>
    public bool MaySomewhere(ApiRole role) => Grants.Any(grant => grant.Role >= role && grant.Namespaces.Count > 0);
}
