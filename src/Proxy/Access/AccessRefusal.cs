using Mesh.Proxy.Forwarding;

namespace Mesh.Proxy.Access;

/// <summary>Why a request may not come in.</summary>
/// <param name="Challenge">The value of <c>WWW-Authenticate</c>; null for none.</param>
internal sealed record AccessRefusal(ProxyError Error, string Reason, string? Challenge = null);
