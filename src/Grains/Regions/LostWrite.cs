using System.Text.Json;

namespace Mesh.Grains.Regions;

/// <summary>A write of a register that lost against a later one whose writer did not know of it.</summary>
public sealed record LostWrite
{
    public required Stamp At { get; init; }

    /// <inheritdoc cref="Register.Over"/>
    public IReadOnlyList<Stamp>? Over { get; init; }

    /// <summary>Null when it was a deletion.</summary>
    public JsonElement? Value { get; init; }
}
