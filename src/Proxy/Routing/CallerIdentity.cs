namespace Mesh.Proxy.Routing;

/// <summary>The application that calls: known to a sidecar from its configuration.</summary>
/// <param name="Identity">Its SPIFFE ID; null when no application belongs to the proxy.</param>
/// <param name="Namespace">Its namespace.</param>
internal sealed record CallerIdentity(string? Identity, string Namespace);
