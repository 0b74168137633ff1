using Mesh.Abstractions.Routing;

namespace Mesh.Proxy.Filters;

/// <summary>
/// A compiled <see cref="PathModifier"/>. It works on targets as they are sent, and what it does not replace stays byte
/// for byte. A prefix is cut off by counting segments: only an open slash ends one, in a target as in what rules match,
/// so nothing encoded can move the cut.
/// </summary>
internal sealed class PathChange
{
    private readonly string _value;
    private readonly bool _isPrefix;

    private PathChange(string value, bool isPrefix)
    {
        _value = value;
        _isPrefix = isPrefix;
    }

    /// <param name="matches">Those of the rule.</param>
    /// <exception cref="ArgumentException">It is not one, or a match of the rule has no prefix to replace.</exception>
    public static PathChange Create(PathModifier modifier, IReadOnlyList<RouteMatch> matches)
    {
        var isPrefix = modifier.Type == PathModifierType.ReplacePrefixMatch;
        var value = isPrefix ? modifier.ReplacePrefixMatch : modifier.ReplaceFullPath;
        if (value is null || (!value.StartsWith('/') && !(isPrefix && value.Length == 0)))
        {
            throw new ArgumentException($"'{value}' is not a path to put in place of another");
        }

        if (isPrefix && matches.Any(static match => match.Grpc is not null || match.Path is { Type: not PathMatchType.PathPrefix }))
        {
            throw new ArgumentException("a prefix can be replaced only where every match has one");
        }

        // What remains of the path brings its own slash.
        var path = new PathString(isPrefix ? value.TrimEnd('/') : value);
        return new PathChange(path.ToUriComponent(), isPrefix);
    }

    /// <param name="target">Path and query, encoded, without dot segments.</param>
    /// <param name="prefixSegments">How many segments the matched prefix has.</param>
    public string Apply(string target, int prefixSegments)
    {
        var query = target.IndexOf('?', StringComparison.Ordinal);
        var path = query < 0 ? target.AsSpan() : target.AsSpan(0, query);
        var rest = _isPrefix ? After(path, prefixSegments) : [];
        var start = _value.Length == 0 && rest.Length == 0 ? "/" : _value;
        return string.Concat(start, rest, target.AsSpan(path.Length));
    }

    /// <summary>What follows the first segments: nothing, or a slash and more.</summary>
    private static ReadOnlySpan<char> After(ReadOnlySpan<char> path, int segments)
    {
        for (; segments > 0; segments--)
        {
            var slash = path.Length == 0 ? -1 : path[1..].IndexOf('/');
            path = slash < 0 ? [] : path[(slash + 1)..];
        }

        return path;
    }
}
