namespace Mesh.Abstractions.Routing;

/// <summary>Changes what the endpoint is asked for (Gateway API, <c>HTTPURLRewriteFilter</c>). At least one member.</summary>
public sealed record UrlRewrite
{
    /// <summary>The new <c>Host</c>, without port.</summary>
    public string? Hostname { get; init; }

    public PathModifier? Path { get; init; }
}
