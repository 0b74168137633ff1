namespace Mesh.Abstractions.Routing;

/// <summary>
/// Sends an idempotent request to another endpoint as well when the first has not answered after a while; the first
/// answer counts, the other try is cancelled (Dean and Barroso, "The Tail at Scale"). Costs the retry budget.
/// </summary>
public sealed record HedgePolicy
{
    /// <summary>How long the first try has alone. 1 ms to 1 min.</summary>
    public required TimeSpan Delay { get; init; }
}
