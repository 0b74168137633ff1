namespace Mesh.Abstractions.Routing;

public sealed record HeaderValue
{
    public required string Name { get; init; }

    public required string Value { get; init; }
}
