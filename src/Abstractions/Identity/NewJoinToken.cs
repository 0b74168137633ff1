using Mesh.Abstractions.Naming;

namespace Mesh.Abstractions.Identity;

/// <summary>A join token in the one answer that shows it.</summary>
public sealed record NewJoinToken
{
    public required string Id { get; init; }

    /// <summary>The secret: give it to the proxies as <c>Mesh:Identity:Token</c> or <c>TokenFile</c>.</summary>
    public required string Token { get; init; }

    public required ServiceName Service { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public override string ToString() => $"{nameof(NewJoinToken)} {Id}";
}
