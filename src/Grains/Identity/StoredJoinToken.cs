using Mesh.Abstractions.Identity;
using Mesh.Abstractions.Naming;

namespace Mesh.Grains.Identity;

/// <summary>A join token as it is stored; it never changes. Its secret has 256 random bits, so a plain digest hides it.</summary>
public sealed record StoredJoinToken
{
    public required string Id { get; init; }

    /// <summary>SHA-256 of the secret, in Base64.</summary>
    public required string Hash { get; init; }

    public required ServiceName Service { get; init; }

    public required int Uses { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public JoinTokenView View(int used) => new()
    {
        Id = Id,
        Service = Service,
        Uses = Uses,
        Used = used,
        CreatedAt = CreatedAt,
        ExpiresAt = ExpiresAt,
    };
}
