namespace Mesh.Abstractions.Routing;

/// <summary>A share finer than percents (Gateway API, <c>Fraction</c>).</summary>
public sealed record Fraction
{
    /// <summary>0 to <see cref="Denominator"/>.</summary>
    public required int Numerator { get; init; }

    /// <summary>1 to 1,000,000.</summary>
    public int Denominator { get; init; } = 100;
}
