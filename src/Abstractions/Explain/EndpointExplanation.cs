namespace Mesh.Abstractions.Explain;

/// <summary>One endpoint as the balancer sees it.</summary>
public sealed record EndpointExplanation
{
    public required string Id { get; init; }

    /// <summary>Host and port.</summary>
    public required string Address { get; init; }

    public string? Zone { get; init; }

    public required string Region { get; init; }

    /// <summary>How near it is: <c>zone</c>, <c>region</c> or <c>other</c>, or that its region is silent: <c>stale</c>; null when that plays no part.</summary>
    public string? Level { get; init; }

    public required int Weight { get; init; }

    /// <summary>The latency estimate, in milliseconds.</summary>
    public required double LatencyEstimateMs { get; init; }

    /// <summary>Requests of this proxy that it has not answered yet.</summary>
    public required int InFlight { get; init; }

    /// <summary>Why it gets no requests now; null when it does.</summary>
    public string? Excluded { get; init; }
}
