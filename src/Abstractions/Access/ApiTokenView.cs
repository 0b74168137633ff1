namespace Mesh.Abstractions.Access;

/// <summary>A token of the management API, without its secret.</summary>
public sealed record ApiTokenView
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required ApiRole Role { get; init; }

    public required IReadOnlyList<string> Namespaces { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Who made it.</summary>
    public required string CreatedBy { get; init; }
}
