using Mesh.Abstractions.Json;
using Mesh.Abstractions.Routing;

namespace Mesh.Abstractions.Validation;

/// <summary>Changes to headers.</summary>
internal static class HeaderModifierValidator
{
    public static void Validate(HeaderModifier modifier, JsonPath path, SpecErrors errors)
    {
        if (modifier is { Set.Count: 0, Add.Count: 0, Remove.Count: 0 })
        {
            errors.Add(path, "changes nothing: give \"set\", \"add\" or \"remove\"");
        }

        ValidateValues(modifier.Set, path.Field("set"), errors, isOnce: true);
        ValidateValues(modifier.Add, path.Field("add"), errors, isOnce: false);
        ValidateRemovals(modifier.Remove, path.Field("remove"), errors);
    }

    private static void ValidateValues(IReadOnlyList<HeaderValue> headers, JsonPath path, SpecErrors errors, bool isOnce)
    {
        Bounds.CheckCount(headers.Count, SpecLimits.Headers, path, errors);
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < headers.Count && !errors.IsFull; i++)
        {
            var place = path.Item(i);
            if (HeaderRules.ExplainUnmodifiable(headers[i].Name) is { } problem)
            {
                errors.Add(place.Field("name"), problem);
            }
            else if (!seen.Add(headers[i].Name) && isOnce)
            {
                errors.Add(place.Field("name"), $"{Bounds.Quote(headers[i].Name)} is in this list already");
            }

            if (HeaderRules.ExplainValue(headers[i].Value) is { } wrong)
            {
                errors.Add(place.Field("value"), wrong);
            }
        }
    }

    private static void ValidateRemovals(IReadOnlyList<string> names, JsonPath path, SpecErrors errors)
    {
        Bounds.CheckCount(names.Count, SpecLimits.Headers, path, errors);
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < names.Count && !errors.IsFull; i++)
        {
            if (HeaderRules.ExplainUnmodifiable(names[i]) is { } problem)
            {
                errors.Add(path.Item(i), problem);
            }
            else if (!seen.Add(names[i]))
            {
                errors.Add(path.Item(i), $"{Bounds.Quote(names[i])} is in this list already");
            }
        }
    }
}
