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
            var rule = access.Rules[i];
            if (!DnsLabel.IsValid(rule.Name))
            {
                errors.Add(rules.Item(i).Field("name"), $"{Bounds.Quote(rule.Name)} is not a name: must be {DnsLabel.Rule}");
            }
            else if (!names.Add(rule.Name))
            {
                errors.Add(rules.Item(i).Field("name"), $"{Bounds.Quote(rule.Name)} is the name of another rule already");
            }

            Validate(rule, access, rules.Item(i), errors, patterns);
        }

        JwtIssuerValidator.Validate(access.Jwt, path.Field("jwt"), errors);
        if (access.External is { } external)
        {
            ExternalAuthorizationValidator.Validate(external, path.Field("external"), errors);
        }
    }

    private static void Validate(AccessRule rule, AccessPolicy access, JsonPath path, SpecErrors errors, PatternBudget patterns)
    {
        if (rule is { Audit: true, Action: AccessAction.Allow })
        {
            errors.Add(path.Field("audit"), "is for deny rules: an allow rule refuses nothing that could be reported");
        }

        if (rule.From is { } from)
        {
            AccessSourceValidator.Validate(from, path.Field("from"), errors);
            if (from.Claims.Count > 0 && access.Jwt.Count == 0)
            {
                errors.Add(path.Field("from").Field("claims"), "can never hold: say in \"access.jwt\" whose tokens are believed");
            }
        }

        if (rule.To is { } to)
        {
            AccessTargetValidator.Validate(to, path.Field("to"), errors, patterns);
        }
    }
}
