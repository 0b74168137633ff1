namespace Mesh.Abstractions.Routing;

/// <summary>A fixed answer.</summary>
public sealed record DirectResponse
{
    /// <summary>200 to 599.</summary>
    public required int Status { get; init; }

    /// <summary>Text of at most 4,096 characters; none when null.</summary>
    public string? Body { get; init; }

    /// <summary>The body's media type.</summary>
    public string ContentType { get; init; } = "text/plain; charset=utf-8";
}
