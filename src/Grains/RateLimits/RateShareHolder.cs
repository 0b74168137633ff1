namespace Mesh.Grains.RateLimits;

/// <summary>A proxy that has a part of a rate limit.</summary>
/// <param name="Wanted">What it asked for.</param>
/// <param name="Part">What it got.</param>
/// <param name="Until">When that is over.</param>
internal sealed record RateShareHolder(double Wanted, double Part, DateTimeOffset Until);
