namespace Mesh.Abstractions.Explain;

public sealed record ExplainRequest
{
    public required string Authority { get; init; }

    public string Method { get; init; } = "GET";

    public string Path { get; init; } = "/";

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public string? Source { get; init; }

    public string? Proxy { get; init; }
}
