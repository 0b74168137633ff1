namespace Mesh.Abstractions.Explain;

/// <summary>What bounds the request.</summary>
public sealed record LimitsExplanation
{
    /// <summary>Of the whole request, of one try, and of silence in a stream, as the rule says.</summary>
    public TimeSpan? RequestTimeout { get; init; }

    public TimeSpan? TryTimeout { get; init; }

    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>What is left until the caller's deadline.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>Tries beyond the first that the rule allows.</summary>
    public int? Retries { get; init; }

    /// <summary>Retries that the backend's budget has left at the moment.</summary>
    public long? RetryBudget { get; init; }

    /// <summary>Requests at the backend at the moment, and the most there may be.</summary>
    public int? Concurrent { get; init; }

    public int? MaxConcurrent { get; init; }
}
