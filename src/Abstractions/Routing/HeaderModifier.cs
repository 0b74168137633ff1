namespace Mesh.Abstractions.Routing;

/// <summary>Changes to headers, done in the order set, add, remove.</summary>
public sealed record HeaderModifier
{
    /// <summary>Replaces every value of the header.</summary>
    public IReadOnlyList<HeaderValue> Set { get; init; } = [];

    /// <summary>Adds a value beside those that are there.</summary>
    public IReadOnlyList<HeaderValue> Add { get; init; } = [];

    public IReadOnlyList<string> Remove { get; init; } = [];
}
