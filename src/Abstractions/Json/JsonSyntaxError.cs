namespace Mesh.Abstractions.Json;

/// <summary>Why bytes are not a JSON (or YAML) document.</summary>
/// <param name="Line">Counted from 1.</param>
/// <param name="Position">In the line, in bytes (YAML: in characters), counted from 1.</param>
public sealed record JsonSyntaxError(long Line, long Position, string Message)
{
    public override string ToString() => $"line {Line}, position {Position}: {Message}";
}
