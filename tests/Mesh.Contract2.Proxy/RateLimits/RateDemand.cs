namespace Mesh.Abstractions.RateLimits;

/// <summary>What a proxy says of its requests to a service with a rate limit. Shares are of that limit: 1 is all of it.</summary>
[GenerateSerializer, Immutable, Alias("mesh.RateDemand")]
public readonly record struct RateDemand
{
    /// <summary>What it would have used lately had it been allowed everything.</summary>
    [Id(0)] public double Wanted { get; init; }

    /// <summary>What it goes by now; 0 when it has no share, or one from long ago.</summary>
    [Id(1)] public double Held { get; init; }
}
