using Mesh.Abstractions.Access;
using Mesh.Abstractions.Json;

namespace Mesh.Abstractions.Validation;

/// <summary>What is called, in an access rule.</summary>
internal static class AccessTargetValidator
{
    public static void Validate(AccessTarget to, JsonPath path, SpecErrors errors, PatternBudget patterns)
    {
        if (to.Methods.Count + to.Paths.Count == 0)
        {
            errors.Add(path, "names nothing: give \"methods\" or \"paths\", or leave it out for everything");
        }

        var methods = path.Field("methods");
        Bounds.CheckCount(to.Methods.Count, SpecLimits.AccessMethods, methods, errors);
        for (var i = 0; i < to.Methods.Count && !errors.IsFull; i++)
        {
            if (!HttpToken.IsValid(to.Methods[i]) || to.Methods[i].Any(char.IsAsciiLetterLower))
            {
                errors.Add(methods.Item(i), $"{Bounds.Quote(to.Methods[i])} is not an HTTP method in upper case");
            }
        }

        var paths = path.Field("paths");
        Bounds.CheckCount(to.Paths.Count, SpecLimits.AccessPaths, paths, errors);
        for (var i = 0; i < to.Paths.Count && !errors.IsFull; i++)
        {
            PathValidator.Validate(to.Paths[i], paths.Item(i), errors, patterns);
        }
    }
}
