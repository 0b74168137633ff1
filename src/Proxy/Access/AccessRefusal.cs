using Mesh.Proxy.Forwarding;
using Microsoft.Extensions.Primitives;

namespace Mesh.Proxy.Access;

/// <summary>Why a request may not come in.</summary>
/// <param name="Challenge">The values of <c>WWW-Authenticate</c>.</param>
internal sealed record AccessRefusal(ProxyError Error, string Reason, StringValues Challenge = default);
