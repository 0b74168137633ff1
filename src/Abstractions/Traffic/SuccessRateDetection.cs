namespace Mesh.Abstractions.Traffic;

/// <summary>Ejects an endpoint whose share of successes in a window is too low.</summary>
public sealed record SuccessRateDetection
{
    /// <summary>Below this share, in percent, an endpoint is ejected; 1 to 100.</summary>
    public required int Percent { get; init; }

    /// <summary>1 s to 1 h.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>With fewer requests in the window nothing is decided; 1 to 1,000,000.</summary>
    public int MinRequests { get; init; } = 20;
}
