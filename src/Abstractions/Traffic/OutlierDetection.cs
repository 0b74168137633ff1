namespace Mesh.Abstractions.Traffic;

/// <summary>When an endpoint that fails is left alone for a while.</summary>
public sealed record OutlierDetection
{
    /// <summary>Failures in a row that eject; 1 to 1000.</summary>
    public int ConsecutiveFailures { get; init; } = 7;

    /// <summary>Gateway errors (502, 503, 504; no connection, a broken one, a try that took too long) in a row that eject; 1 to 1000, none when null.</summary>
    public int? ConsecutiveGatewayErrors { get; init; }

    public SuccessRateDetection? SuccessRate { get; init; }

    /// <summary>The first ejection; each further one doubles it.</summary>
    public TimeSpan MinEjection { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan MaxEjection { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The largest share of endpoints ejected at once, in percent; 0 to 100.</summary>
    public int MaxEjectedPercent { get; init; } = 50;
}
