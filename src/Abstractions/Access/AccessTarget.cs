using Mesh.Abstractions.Routing;

namespace Mesh.Abstractions.Access;

/// <summary>
/// What is called. Of each list that is not empty one item must hold; at least one list is not. Connections of opaque
/// bytes have neither method nor path, so that no rule with a target matches them.
/// </summary>
public sealed record AccessTarget
{
    /// <summary>HTTP methods, in upper case.</summary>
    public IReadOnlyList<string> Methods { get; init; } = [];

    /// <summary>
    /// Compared with the path as the most lenient application could read it: percent-decoded, slashes and backslashes
    /// alike, none doubled, dot segments removed.
    /// </summary>
    public IReadOnlyList<PathMatch> Paths { get; init; } = [];
}
