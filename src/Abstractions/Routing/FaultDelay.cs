namespace Mesh.Abstractions.Routing;

/// <summary>A wait before a request goes on.</summary>
public sealed record FaultDelay
{
    /// <summary>Above zero, at most 1 h.</summary>
    public required TimeSpan FixedDelay { get; init; }

    /// <summary>The share of requests, in percent; 0 to 100.</summary>
    public int Percent { get; init; } = 100;
}
