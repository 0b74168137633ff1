using Mesh.Abstractions.Naming;

namespace Mesh.Abstractions.Explain;

/// <summary>One of a rule's backends.</summary>
public sealed record BackendExplanation
{
    public required ServiceName Service { get; init; }

    /// <summary>The subset's labels; null for all endpoints.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public required int Weight { get; init; }

    /// <summary>Its share of the rule's requests, in percent.</summary>
    public required double Percent { get; init; }
}
