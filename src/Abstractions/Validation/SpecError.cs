namespace Mesh.Abstractions.Validation;

/// <summary>One thing that is wrong, where (a JSONPath, RFC 9535) and how to mend it.</summary>
public sealed record SpecError(string Path, string Message)
{
    public override string ToString() => $"{Path}: {Message}";
}
