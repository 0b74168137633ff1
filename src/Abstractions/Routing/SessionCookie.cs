namespace Mesh.Abstractions.Routing;

/// <summary>The cookie that holds a session.</summary>
public sealed record SessionCookie
{
    /// <summary>A cookie's name (RFC 6265).</summary>
    public string Name { get; init; } = "mesh-session";

    public string Path { get; init; } = "/";

    public CookieLifetime LifetimeType { get; init; }
}
