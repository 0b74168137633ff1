namespace Mesh.Abstractions.Access;

/// <summary>A token that was just made. Its text is shown this once.</summary>
public sealed record NewApiToken
{
    public required string Id { get; init; }

    /// <summary>For the header <c>Authorization: Bearer</c>.</summary>
    public required string Token { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}
