using Mesh.Abstractions.Naming;

namespace Mesh.Abstractions.Explain;

/// <summary>One of a rule's backends.</summary>
public sealed record BackendExplanation
{
    public required ServiceName Service { get; init; }

    /// <summary>The subset's labels, as <c>name=value,name=value</c>; null for all endpoints.</summary>
    public string? Labels { get; init; }

    public required int Weight { get; init; }

    /// <summary>Its share of the rule's requests, in percent.</summary>
    public required double Percent { get; init; }
}
