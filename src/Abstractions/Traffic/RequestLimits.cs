namespace Mesh.Abstractions.Traffic;

/// <summary>How many requests each proxy has at the service at once. Null members mean no limit.</summary>
public sealed record RequestLimits
{
    /// <summary>To the whole service; 1 to 1,000,000.</summary>
    public int? Concurrent { get; init; }

    /// <summary>To one endpoint; 1 to 1,000,000.</summary>
    public int? ConcurrentPerEndpoint { get; init; }

    /// <summary>Requests above <see cref="Concurrent"/> that may wait; 0 to 100,000. More are answered 503 at once.</summary>
    public int Pending { get; init; }

    /// <summary>How long one waits at most. 1 ms to 1 min.</summary>
    public TimeSpan PendingTimeout { get; init; } = TimeSpan.FromSeconds(1);
}
