namespace Mesh.Abstractions.Explain;

/// <summary>The few fields this program fills in; all others may be absent.</summary>
public sealed record Explanation
{
    public required string Proxy { get; init; }

    public string? Answer { get; init; }
}
