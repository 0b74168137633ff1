namespace Mesh.Abstractions.Traffic;

/// <summary>Bounds retries to a share of the requests, so that they cannot pile up on a failing service.</summary>
public sealed record RetryBudget
{
    /// <summary>Retries over requests in <see cref="Window"/>, in percent; 0 to 1000.</summary>
    public int Percent { get; init; } = 20;

    /// <summary>Retries that are always allowed, per second; 0 to 100,000.</summary>
    public int MinPerSecond { get; init; } = 10;

    /// <summary>1 s to 60 s.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(10);
}
