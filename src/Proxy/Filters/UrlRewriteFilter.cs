namespace Mesh.Proxy.Filters;

/// <summary>What an endpoint is asked for in place of what the application asked for.</summary>
/// <param name="Hostname">The new <c>Host</c>; null when it stays.</param>
/// <param name="Path">Null when the path stays.</param>
internal sealed record UrlRewriteFilter(string? Hostname, PathChange? Path);
