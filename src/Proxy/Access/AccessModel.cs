using Mesh.Abstractions.Access;
using Mesh.Abstractions.Services;

namespace Mesh.Proxy.Access;

/// <summary>A compiled <see cref="AccessPolicy"/>. Immutable.</summary>
internal sealed class AccessModel
{
    private readonly AccessIndex _deny;
    private readonly AccessIndex _auditedDeny;
    private readonly AccessIndex _allow;
    private readonly AccessDefault? _default;
    private readonly bool? _audit;

    /// <exception cref="ArgumentException">A part of a rule cannot be used.</exception>
    /// <exception cref="NotSupportedException">A pattern needs backtracking.</exception>
    public AccessModel(AccessPolicy? policy)
    {
        Policy = policy ?? new AccessPolicy();
        _deny = new AccessIndex(Policy.Rules.Where(static rule => rule is { Action: AccessAction.Deny, Audit: false }));
        _auditedDeny = new AccessIndex(Policy.Rules.Where(static rule => rule is { Action: AccessAction.Deny, Audit: true }));
        _allow = new AccessIndex(Policy.Rules.Where(static rule => rule.Action == AccessAction.Allow));
        _default = Policy.Default ?? (_allow.IsEmpty ? null : AccessDefault.Deny);
        _audit = Policy.Audit;
    }

    public static AccessModel None { get; } = new(null);

    public AccessPolicy Policy { get; }

    /// <summary>Whether every request may come in, so that nothing of it has to be looked at.</summary>
    public bool IsOpen(NamespaceSettings settings) => IsOpen(Policy, settings);

    /// <inheritdoc cref="IsOpen(NamespaceSettings)"/>
    public static bool IsOpen(AccessPolicy? policy, NamespaceSettings settings) =>
        policy is null or { Rules.Count: 0, Jwt.Count: 0, External: null }
        && (policy?.Default ?? settings.AccessDefault ?? AccessDefault.Allow) == AccessDefault.Allow;

    /// <summary>Whether the namespace's settings decide about requests that no rule matches.</summary>
    public bool NeedsNamespace => _default is null;

    /// <summary>Only reports what would be refused.</summary>
    public bool IsAudit(NamespaceSettings settings) => _audit ?? settings.AccessAudit ?? false;

    /// <param name="settings">Of the service's namespace.</param>
    public AccessDecision Decide(in AccessRequest request, NamespaceSettings settings)
    {
        var decision = DecideStrictly(request, settings);
        if (!decision.IsAllowed)
        {
            return IsAudit(settings) ? decision with { IsAllowed = true, IsAudited = true } : decision;
        }

        return _auditedDeny.Find(request) is { } audited
            ? new AccessDecision(IsAllowed: true, audited.Name, Refused(audited), IsAudited: true)
            : decision;
    }

    private static string Refused(AccessRule rule) => $"access rule '{rule.Name}' refuses it";

    private AccessDecision DecideStrictly(in AccessRequest request, NamespaceSettings settings)
    {
        if (_deny.Find(request) is { } deny)
        {
            return new AccessDecision(IsAllowed: false, deny.Name, Refused(deny));
        }

        if (_allow.Find(request) is { } allow)
        {
            return new AccessDecision(IsAllowed: true, allow.Name);
        }

        return (_default ?? settings.AccessDefault ?? AccessDefault.Allow) switch
        {
            AccessDefault.Allow => new AccessDecision(IsAllowed: true, null),
            AccessDefault.Authenticated when request.Peer is not null => new AccessDecision(IsAllowed: true, null),
            AccessDefault.Authenticated => new AccessDecision(
                IsAllowed: false, null, $"no access rule allows it, and by default ({Origin}) callers need an identity, proved by mutual TLS"),
            _ => new AccessDecision(IsAllowed: false, null, $"no access rule allows it, and by default ({Origin}) nobody is"),
        };
    }

    /// <summary>Where the default comes from.</summary>
    private string Origin => Policy.Default is not null ? "access.default" : _default is not null ? "there are allow rules" : "accessDefault of the namespace";
}
