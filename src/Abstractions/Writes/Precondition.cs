namespace Mesh.Abstractions.Writes;

/// <summary>What must hold for a write to happen (RFC 9110, section 13.1). An entity tag is the resource's revision.</summary>
public sealed record Precondition
{
    /// <summary>No condition.</summary>
    public static Precondition None { get; } = new();

    /// <summary><c>If-Match</c>: one of these revisions is the current one. Null when absent.</summary>
    public IReadOnlyList<long>? IfMatch { get; init; }

    /// <summary><c>If-Match: *</c>: the resource exists.</summary>
    public bool MustExist { get; init; }

    /// <summary><c>If-None-Match: *</c>: the resource does not exist yet.</summary>
    public bool MustNotExist { get; init; }
}
