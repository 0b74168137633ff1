namespace Mesh.Abstractions.Routing;

/// <summary>A condition on the path, compared after the URL's percent-decoding, case-sensitively.</summary>
public sealed record PathMatch
{
    public PathMatchType Type { get; init; } = PathMatchType.PathPrefix;

    /// <summary>An absolute path, or for <see cref="PathMatchType.RegularExpression"/> a pattern that must match all of it.</summary>
    public string Value { get; init; } = "/";
}
