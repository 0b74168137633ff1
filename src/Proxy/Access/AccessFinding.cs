using Mesh.Proxy.Forwarding;
using Microsoft.Extensions.Primitives;

namespace Mesh.Proxy.Access;

/// <summary>Why a request must not come in, or must not once the policy is more than an audit.</summary>
/// <param name="Rule">The rule that says so; null for the default and for what is no rule, such as a token that is not valid.</param>
/// <param name="IsAudited">It comes in all the same.</param>
/// <param name="Challenge">The <c>www-authenticate</c> of a 401; empty for none.</param>
internal readonly record struct AccessFinding(
    ProxyError Error, string Reason, string? Rule = null, bool IsAudited = false, StringValues Challenge = default)
{
    /// <summary>Of two, the one that matters: a refusal before a report, else the first.</summary>
    public static AccessFinding? Worse(AccessFinding? first, AccessFinding? second) =>
        first is null || second is { IsAudited: false } ? second : first;
}
