using Mesh.Abstractions.Access;

namespace Mesh.Silo.Api.Access;

/// <summary>A role and where it holds.</summary>
/// <param name="Namespaces"><c>*</c> is everywhere.</param>
internal sealed record ApiGrant(ApiRole Role, IReadOnlyList<string> Namespaces)
{
    public static ApiGrant Everything { get; } = new(ApiRole.Admin, [ApiTokenSpec.AllNamespaces]);

    public bool IsEverywhere => Namespaces.Contains(ApiTokenSpec.AllNamespaces);

    public bool Covers(string space) => IsEverywhere || Namespaces.Contains(space, StringComparer.Ordinal);
}
