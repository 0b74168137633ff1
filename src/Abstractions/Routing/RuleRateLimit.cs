using Mesh.Abstractions.Traffic;

namespace Mesh.Abstractions.Routing;

/// <summary>A rate limit that each proxy enforces for itself, over all callers or for each.</summary>
public sealed record RuleRateLimit
{
    /// <inheritdoc cref="RateLimit.Requests"/>
    public required int Requests { get; init; }

    /// <inheritdoc cref="RateLimit.Per"/>
    public TimeSpan Per { get; init; } = TimeSpan.FromSeconds(1);

    /// <inheritdoc cref="RateLimit.Burst"/>
    public int? Burst { get; init; }

    /// <summary>What tells callers apart, each with a limit of its own; one limit for all when null.</summary>
    public RequestKey? PerCaller { get; init; }
}
