using Mesh.Abstractions.Access;

namespace Mesh.Silo.Api.Access;

/// <summary>What an endpoint demands of those who call it. One that says nothing demands everything.</summary>
/// <param name="Role">Null for nothing: it is open to everybody.</param>
internal sealed record ApiNeed(ApiRole? Role, ApiScope Scope)
{
    /// <summary>For proxies, probes and those who do not know the API yet. It tells no more than they need.</summary>
    public static ApiNeed Nothing { get; } = new(null, ApiScope.Somewhere);

    /// <summary>Any role anywhere.</summary>
    public static ApiNeed Known { get; } = new(ApiRole.Viewer, ApiScope.Somewhere);

    public static ApiNeed Everything { get; } = new(ApiRole.Admin, ApiScope.Everywhere);
}
