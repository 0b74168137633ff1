namespace Mesh.Silo.Api.Access;

/// <summary>A browser's session.</summary>
/// <param name="Token">The bearer token it was begun with; when that is no longer good, nor is the session.</param>
/// <param name="Csrf">What a page of ours has to send with every write, and no other page can read.</param>
internal sealed record ApiSession(string Token, string Csrf, DateTimeOffset ExpiresAt);
