namespace Mesh.Abstractions.Routing;

/// <summary>A condition on a header; names are compared without regard to case, values with.</summary>
public sealed record HeaderMatch
{
    public ValueMatchType Type { get; init; }

    public required string Name { get; init; }

    public required string Value { get; init; }
}
