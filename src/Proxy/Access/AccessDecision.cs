namespace Mesh.Proxy.Access;

/// <summary>Whether a request may come in, and which rule says so.</summary>
/// <param name="Rule">The rule's name; null when the default decided.</param>
/// <param name="Reason">For people; null when nothing is refused.</param>
/// <param name="IsAudited">It would be refused, were it not only to be reported.</param>
internal readonly record struct AccessDecision(bool IsAllowed, string? Rule, string? Reason = null, bool IsAudited = false);
