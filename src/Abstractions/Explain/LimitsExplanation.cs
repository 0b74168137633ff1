using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Traffic;

namespace Mesh.Abstractions.Explain;

/// <summary>What bounds the request.</summary>
public sealed record LimitsExplanation
{
    /// <summary>Of the whole request, of one try, and of silence in a stream, as the rule says.</summary>
    public TimeSpan? RequestTimeout { get; init; }

    public TimeSpan? TryTimeout { get; init; }

    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>The time that the caller's deadline allows, where that is stricter.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>After it an idempotent request goes to a second endpoint as well.</summary>
    public TimeSpan? HedgeDelay { get; init; }

    /// <summary>Tries beyond the first that the rule allows.</summary>
    public int? Retries { get; init; }

    /// <summary>Retries that the backend's budget has left at the moment.</summary>
    public long? RetryBudget { get; init; }

    /// <summary>Requests at the backend at the moment, and the most there may be.</summary>
    public int? Concurrent { get; init; }

    public int? MaxConcurrent { get; init; }

    /// <summary>Requests that wait for their turn.</summary>
    public int? Pending { get; init; }

    /// <summary>Of the rule, in this proxy.</summary>
    public RuleRateLimit? RuleRateLimit { get; init; }

    /// <summary>Of the backend, over all proxies.</summary>
    public RateLimit? ServiceRateLimit { get; init; }

    /// <summary>This proxy's part of <see cref="ServiceRateLimit"/>, 0 to 1; null while it has none of its own.</summary>
    public double? ServiceRateLimitPart { get; init; }
}
