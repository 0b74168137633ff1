namespace Mesh.Abstractions.Traffic;

/// <summary>So many requests in so much time.</summary>
public sealed record RateLimit
{
    /// <summary>1 to 1,000,000.</summary>
    public required int Requests { get; init; }

    /// <summary>100 ms to 1 h.</summary>
    public TimeSpan Per { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How many may come at once; as many as <see cref="Requests"/> when null.</summary>
    public int? Burst { get; init; }
}
