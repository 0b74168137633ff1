namespace Mesh.Abstractions.Traffic;

/// <summary>How near endpoints are preferred: those of the proxy's own zone, then of its region, then all others (as Envoy's locality priorities). Those of regions that have fallen silent come last, whatever the policy.</summary>
public sealed record LocalityPolicy
{
    /// <summary>False to treat all endpoints alike.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>
    /// Percent by which the healthy share of a level is overrated: with 140, the level keeps all requests until fewer than
    /// 100/140 of its endpoints are healthy, then what is missing spills over to the next level. 100 to 1000.
    /// </summary>
    public int OverprovisioningPercent { get; init; } = 140;

    /// <summary>When fewer than this share of all endpoints is healthy, unhealthy ones get requests as well; 0 (never) to 100.</summary>
    public int PanicThresholdPercent { get; init; } = 50;
}
