using Mesh.Abstractions.Access;

namespace Mesh.Grains.Access;

/// <summary>A token of the management API as it is stored: of its secret only a digest.</summary>
public sealed record StoredApiToken
{
    public required string Id { get; init; }

    /// <summary>SHA-256 of its 256 random bits, in Base64.</summary>
    public required string Hash { get; init; }

    public required string Name { get; init; }

    public required ApiRole Role { get; init; }

    public required IReadOnlyList<string> Namespaces { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public required string CreatedBy { get; init; }

    public ApiTokenView View() => new()
    {
        Id = Id,
        Name = Name,
        Role = Role,
        Namespaces = Namespaces,
        CreatedAt = CreatedAt,
        ExpiresAt = ExpiresAt,
        CreatedBy = CreatedBy,
    };
}
