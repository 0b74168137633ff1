using Mesh.Abstractions.Access;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;

namespace Mesh.Abstractions.Validation;

/// <summary>Who may call.</summary>
internal static class AccessValidator
{
    public static void Validate(AccessPolicy access, JsonPath path, SpecErrors errors, PatternBudget patterns)
    {
        var rules = path.Field("rules");
        Bounds.CheckCount(access.Rules.Count, SpecLimits.AccessRules, rules, errors);
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < access.Rules.Count && !errors.IsFull; i++)
        {
            var (rule, place) = (access.Rules[i], rules.Item(i));
            Validate(rule, place, errors, patterns);
            if (DnsLabel.IsValid(rule.Name) && !names.Add(rule.Name))
            {
                errors.Add(place.Field("name"), $"{Bounds.Quote(rule.Name)} is the name of another rule already");
            }

            if (rule.From is { Claims.Count: > 0 } && access.Jwt.Count == 0)
            {
                errors.Add(place.Field("from").Field("claims"), "can never hold: say in \"access.jwt\" whose tokens are believed");
            }
        }

        JwtIssuerValidator.Validate(access.Jwt, path.Field("jwt"), errors);
        if (access.External is { } external)
        {
            ExternalAuthorizationValidator.Validate(external, path.Field("external"), errors);
        }
    }

    /// <summary>A rule alone, whatever the rest of the policy says.</summary>
    public static void Validate(AccessRule rule, JsonPath path, SpecErrors errors, PatternBudget patterns)
    {
        if (!DnsLabel.IsValid(rule.Name))
        {
            errors.Add(path.Field("name"), $"{Bounds.Quote(rule.Name)} is not a name: must be {DnsLabel.Rule}");
        }

        if (rule is { Audit: true, Action: AccessAction.Allow })
        {
            errors.Add(path.Field("audit"), "is for deny rules: an allow rule refuses nothing that could be reported");
        }

        if (rule.From is { } from)
        {
            AccessSourceValidator.Validate(from, path.Field("from"), errors);
        }

        if (rule.To is { } to)
        {
            AccessTargetValidator.Validate(to, path.Field("to"), errors, patterns);
        }
    }
}
