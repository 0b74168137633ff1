using Mesh.Abstractions.Routing;

namespace Mesh.Proxy.Routing;

/// <summary>A compiled <see cref="CallerMatch"/>.</summary>
internal sealed class CallerCondition(CallerMatch match)
{
    private readonly string? _identity = match.Identity;
    private readonly string? _namespace = match.Namespace;

    /// <summary>How narrow it is: an identity is one of a namespace.</summary>
    public int Rank { get; } = (match.Identity is null ? 0 : 2) + (match.Namespace is null ? 0 : 1);

    public bool Matches(CallerIdentity caller) =>
        (_identity is null || _identity == caller.Identity) && (_namespace is null || _namespace == caller.Namespace);
}
