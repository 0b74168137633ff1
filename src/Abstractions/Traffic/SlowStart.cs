namespace Mesh.Abstractions.Traffic;

/// <summary>Gives an endpoint that has just become ready less than its share, and more as time passes.</summary>
public sealed record SlowStart
{
    /// <summary>How long it takes to the full share. 1 s to 1 h.</summary>
    public required TimeSpan Window { get; init; }

    /// <summary>The share it begins with, in percent; 1 to 100.</summary>
    public int MinPercent { get; init; } = 10;
}
