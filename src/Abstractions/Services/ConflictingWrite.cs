using System.Text.Json;

namespace Mesh.Abstractions.Services;

/// <summary>One side of a conflict between regions.</summary>
public sealed record ConflictingWrite
{
    /// <summary>Where it was written.</summary>
    public required string Region { get; init; }

    /// <summary>When, by that region's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What was written; null for a deletion.</summary>
    public JsonElement? Value { get; init; }
}
