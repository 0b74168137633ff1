namespace Mesh.Abstractions.Json;

/// <summary>What is special about the fields of a document's outermost object.</summary>
public sealed record StrictJsonRoot
{
    public static StrictJsonRoot None { get; } = new();

    /// <summary>Fields the reader skips, whatever they hold: the read-only ones, so that what was read can be sent back.</summary>
    public IReadOnlyCollection<string> Ignored { get; init; } = [];

    /// <summary>Required fields that may be left out, because the caller knows their value already.</summary>
    public IReadOnlyDictionary<string, string> Known { get; init; } = new Dictionary<string, string>();
}
