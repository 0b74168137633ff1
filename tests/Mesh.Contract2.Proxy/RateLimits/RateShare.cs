namespace Mesh.Abstractions.RateLimits;

/// <summary>What part of a service's rate limit a proxy may use: 0 (nothing) to 1 (all of it).</summary>
[GenerateSerializer, Immutable, Alias("mesh.RateShare")]
public sealed record RateShare
{
    [Id(0)] public required double Part { get; init; }

    /// <summary>For how long it is set aside; who has not asked again by then shares it with others.</summary>
    [Id(1)] public required TimeSpan ValidFor { get; init; }
}
