namespace Mesh.Abstractions.Routing;

/// <summary>A change of the path (Gateway API, <c>HTTPPathModifier</c>): the member named by <see cref="Type"/>.</summary>
public sealed record PathModifier
{
    public required PathModifierType Type { get; init; }

    /// <summary>The new path. The query stays.</summary>
    public string? ReplaceFullPath { get; init; }

    /// <summary>What stands in place of the prefix that the match names; needs <see cref="PathMatchType.PathPrefix"/> in every match of the rule.</summary>
    public string? ReplacePrefixMatch { get; init; }
}
