namespace Mesh.Abstractions.Access;

/// <summary>
/// Who may call a service. A deny rule that matches refuses a request, else an allow rule that matches lets it in, else
/// <see cref="Default"/> decides. Enforced by the proxy beside the application.
/// </summary>
public sealed record AccessPolicy
{
    /// <summary>
    /// What happens to requests that no rule matches. Null: <see cref="AccessDefault.Deny"/> when there is an allow rule
    /// (who is let in by name is not let in by default), else what the namespace's settings say.
    /// </summary>
    public AccessDefault? Default { get; init; }

    /// <summary>Only reports what would be refused, and lets it in. Null: what the namespace's settings say.</summary>
    public bool? Audit { get; init; }

    /// <summary>With names unique in the service. Their order plays no part; they are kept in that of their names.</summary>
    public IReadOnlyList<AccessRule> Rules { get; init; } = [];

    /// <summary>Whose tokens (RFC 7519, in <c>Authorization: Bearer</c>) are believed. A token that is not valid is refused with 401; none is no claim.</summary>
    public IReadOnlyList<JwtIssuer> Jwt { get; init; } = [];

    /// <summary>Who is asked about what the rules let in; null for nobody.</summary>
    public ExternalAuthorization? External { get; init; }

    /// <summary>The same policy as regions put it together: rules in the order of their names; null when it says nothing.</summary>
    public AccessPolicy? Canonical() => this is { Default: null, Audit: null, Rules.Count: 0, Jwt.Count: 0, External: null }
        ? null
        : this with { Rules = [.. Rules.OrderBy(static rule => rule.Name, StringComparer.Ordinal)] };
}
