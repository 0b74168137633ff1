using Mesh.Abstractions.Naming;

namespace Mesh.Abstractions.Identity;

/// <summary>A join token as it is listed: without its secret, which is not stored.</summary>
public sealed record JoinTokenView
{
    public required string Id { get; init; }

    public required ServiceName Service { get; init; }

    public required int Uses { get; init; }

    /// <summary>How many keys have used it.</summary>
    public required int Used { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}
