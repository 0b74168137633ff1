namespace Mesh.Abstractions.Explain;

/// <summary>One match of one rule, and whether the request meets it.</summary>
public sealed record RuleExplanation
{
    /// <summary>The rule's name.</summary>
    public required string Rule { get; init; }

    /// <summary>The position of the match in the rule, from 0.</summary>
    public required int Match { get; init; }

    public required bool Matches { get; init; }

    /// <summary>The first condition that does not hold; null when all do.</summary>
    public string? Reason { get; init; }
}
