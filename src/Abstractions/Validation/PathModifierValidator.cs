using Mesh.Abstractions.Json;
using Mesh.Abstractions.Routing;

namespace Mesh.Abstractions.Validation;

/// <summary>A change of the path: the member that its type names, and no other.</summary>
internal static class PathModifierValidator
{
    /// <param name="matches">Those of the rule the filter belongs to.</param>
    public static void Validate(PathModifier modifier, IReadOnlyList<RouteMatch> matches, JsonPath path, SpecErrors errors)
    {
        if (errors.IsMalformed(path.Field("type")))
        {
            return;
        }

        var isFull = modifier.Type == PathModifierType.ReplaceFullPath;
        var (own, other) = isFull ? ("replaceFullPath", "replacePrefixMatch") : ("replacePrefixMatch", "replaceFullPath");
        var (value, stray) = isFull
            ? (modifier.ReplaceFullPath, modifier.ReplacePrefixMatch)
            : (modifier.ReplacePrefixMatch, modifier.ReplaceFullPath);
        if (stray is not null)
        {
            errors.Add(path.Field(other), $"does not belong to a path of type {modifier.Type}");
        }

        if (value is null)
        {
            errors.Add(path.Field(own), $"is required for a path of type {modifier.Type}");
            return;
        }

        // An empty prefix is one that goes away.
        if ((isFull || value.Length > 0)
            && Bounds.CheckLength(value, SpecLimits.PathLength, path.Field(own), errors)
            && PathValidator.Explain(value) is { } problem)
        {
            errors.Add(path.Field(own), problem);
        }

        if (!isFull)
        {
            CheckMatches(matches, path.Field("type"), errors);
        }
    }

    /// <summary>What is replaced must be known: the prefix that the request matched.</summary>
    private static void CheckMatches(IReadOnlyList<RouteMatch> matches, JsonPath path, SpecErrors errors)
    {
        for (var i = 0; i < matches.Count; i++)
        {
            if (matches[i].Grpc is not null || matches[i].Path is { Type: not PathMatchType.PathPrefix })
            {
                errors.Add(path, $"ReplacePrefixMatch needs a path of type PathPrefix in every match of the rule; match {i} has another");
                return;
            }
        }
    }
}
