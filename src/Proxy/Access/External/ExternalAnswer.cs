using Microsoft.Extensions.Primitives;

namespace Mesh.Proxy.Access.External;

/// <param name="Outcome">Whether the request may come in.</param>
/// <param name="Challenge">The <c>www-authenticate</c> of a 401; empty when there was none.</param>
/// <param name="Reason">Why it was refused or not asked about, for the caller; without anything the request or the answer said.</param>
internal readonly record struct ExternalAnswer(ExternalOutcome Outcome, StringValues Challenge = default, string? Reason = null);
