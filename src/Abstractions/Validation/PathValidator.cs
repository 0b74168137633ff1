using Mesh.Abstractions.Json;
using Mesh.Abstractions.Routing;

namespace Mesh.Abstractions.Validation;

/// <summary>A path to match. It is compared with decoded, normalised paths, so what those can never be is refused.</summary>
internal static class PathValidator
{
    public static void Validate(PathMatch match, JsonPath path, SpecErrors errors, PatternBudget patterns)
    {
        var place = path.Field("value");
        if (match.Type == PathMatchType.RegularExpression)
        {
            patterns.Check(match.Value, place, errors);
        }
        else if (Bounds.CheckLength(match.Value, SpecLimits.PathLength, place, errors) && Explain(match.Value) is { } problem)
        {
            errors.Add(place, problem);
        }
    }

    /// <param name="value">Not empty.</param>
    /// <returns>Why it is not an absolute, decoded, normalised path; null when it is one.</returns>
    public static string? Explain(string value)
    {
        if (value[0] != '/')
        {
            return "must start with '/'";
        }

        if (value.AsSpan().ContainsAny('?', '#'))
        {
            return "must not contain '?' or '#'; match query parameters with \"queryParams\"";
        }

        foreach (var c in value)
        {
            if (char.IsControl(c) || c == '\\')
            {
                return "must not contain control characters or backslashes";
            }
        }

        if (value.Contains("//", StringComparison.Ordinal))
        {
            return "must not contain '//'";
        }

        foreach (var segment in value.AsSpan().Split('/'))
        {
            if (value.AsSpan()[segment] is "." or "..")
            {
                return "must not contain the segments '.' or '..'";
            }
        }

        return HasEscape(value) ? "must be written decoded: paths are compared after percent-decoding" : null;
    }

    private static bool HasEscape(string value)
    {
        for (var i = value.IndexOf('%', StringComparison.Ordinal); i >= 0; i = value.IndexOf('%', i + 1))
        {
            if (i + 2 < value.Length && char.IsAsciiHexDigit(value[i + 1]) && char.IsAsciiHexDigit(value[i + 2]))
            {
                return true;
            }
        }

        return false;
    }
}
