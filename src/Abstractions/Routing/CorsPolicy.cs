namespace Mesh.Abstractions.Routing;

/// <summary>
/// Which pages of other origins may call (Gateway API, <c>HTTPCORSFilter</c>; Fetch standard, "CORS protocol").
/// Preflight requests are answered by the proxy; for a match's <c>method</c> it counts which method they ask for.
/// </summary>
public sealed record CorsPolicy
{
    /// <summary>Origins such as <c>https://shop.example</c>, <c>https://*.shop.example</c>, or <c>*</c> for all.</summary>
    public IReadOnlyList<string> AllowOrigins { get; init; } = [];

    /// <summary>Whether pages may send cookies and credentials.</summary>
    public bool AllowCredentials { get; init; }

    /// <summary>Methods, or <c>*</c>.</summary>
    public IReadOnlyList<string> AllowMethods { get; init; } = [];

    /// <summary>Request headers, or <c>*</c>.</summary>
    public IReadOnlyList<string> AllowHeaders { get; init; } = [];

    /// <summary>Response headers that pages may read, or <c>*</c>.</summary>
    public IReadOnlyList<string> ExposeHeaders { get; init; } = [];

    /// <summary>How long a browser may remember a preflight's answer, in seconds; 1 to 86,400.</summary>
    public int MaxAge { get; init; } = 5;
}
