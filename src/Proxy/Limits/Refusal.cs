using Mesh.Proxy.Forwarding;

namespace Mesh.Proxy.Limits;

/// <summary>Why a request does not get to its service.</summary>
/// <param name="Error">Null when its caller left.</param>
/// <param name="RetryAfter">When it may be tried again; null when nobody knows.</param>
internal sealed record Refusal(ProxyError? Error, string Message, TimeSpan? RetryAfter = null);
