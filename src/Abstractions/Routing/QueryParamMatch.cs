namespace Mesh.Abstractions.Routing;

/// <summary>A condition on a query parameter; names and values are compared case-sensitively, after decoding.</summary>
public sealed record QueryParamMatch
{
    public ValueMatchType Type { get; init; }

    public required string Name { get; init; }

    public required string Value { get; init; }
}
