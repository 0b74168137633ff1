using Mesh.Abstractions.Access;
using Mesh.Silo.Api.Access;

namespace Mesh.Silo.Api.Responses;

/// <summary>Who sends requests, and what they may do.</summary>
internal sealed record SessionDocument
{
    public required string Name { get; init; }

    public required IReadOnlyList<RoleGrant> Grants { get; init; }

    /// <summary>Of a browser's session: what its writes have to send in the header <c>mesh-csrf</c>.</summary>
    public string? Csrf { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public static SessionDocument Of(ApiPrincipal principal, ApiSession? session) => new()
    {
        Name = principal.Name,
        Grants = [.. principal.Grants.Select(static grant => new RoleGrant(grant.Role, grant.Namespaces))],
        Csrf = session?.Csrf,
        ExpiresAt = session?.ExpiresAt,
    };

    /// <summary>A role, and where it holds.</summary>
    internal sealed record RoleGrant(ApiRole Role, IReadOnlyList<string> Namespaces);
}
