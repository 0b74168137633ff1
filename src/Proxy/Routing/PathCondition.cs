using System.Text.RegularExpressions;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Validation;

namespace Mesh.Proxy.Routing;

/// <summary>A compiled <see cref="PathMatch"/> and its place in the precedence of paths.</summary>
internal sealed class PathCondition
{
    private readonly PathMatchType _type;
    private readonly string _value;
    private readonly Regex? _regex;

    private PathCondition(PathMatchType type, string value, Regex? regex, int rank, int length)
    {
        _type = type;
        _value = value;
        _regex = regex;
        Rank = rank;
        Length = length;
    }

    /// <summary>No condition: what <c>PathPrefix /</c>, the default, means.</summary>
    public static PathCondition Any { get; } = new(PathMatchType.PathPrefix, "", null, rank: 0, length: 0);

    /// <summary>
    /// 3 an exact path, 2 a prefix, 1 a regular expression, 0 no condition. The Gateway API leaves the place of
    /// regular expressions open; below every real prefix, but above <c>/</c>, or a rule for all the rest would
    /// hide them.
    /// </summary>
    public int Rank { get; }

    /// <summary>Characters of an exact path or a prefix: the longer one wins.</summary>
    public int Length { get; }

    public PathMatchType Type => _type;

    /// <summary>The exact path, or the prefix without a slash at its end; null for a pattern and for no condition.</summary>
    public string? Literal => _regex is null && _value.Length > 0 ? _value : null;

    /// <summary>How many segments a prefix has; 0 when there is no prefix.</summary>
    public int PrefixSegments => _type == PathMatchType.PathPrefix ? _value.AsSpan().Count('/') : 0;

    /// <exception cref="ArgumentException">The pattern does not compile.</exception>
    /// <exception cref="NotSupportedException">The pattern needs backtracking.</exception>
    public static PathCondition Create(PathMatch? match)
    {
        switch (match?.Type)
        {
            case PathMatchType.Exact:
                return new PathCondition(PathMatchType.Exact, match.Value, null, rank: 3, match.Value.Length);
            case PathMatchType.RegularExpression:
                var regex = SpecPattern.Compile(match.Value);
                return new PathCondition(PathMatchType.RegularExpression, match.Value, regex, rank: 1, length: 0);
            default:
                // A slash at the end means nothing in a prefix of whole segments.
                var prefix = match?.Value.TrimEnd('/') ?? "";
                return prefix.Length == 0
                    ? Any
                    : new PathCondition(PathMatchType.PathPrefix, prefix, null, rank: 2, prefix.Length);
        }
    }

    public bool Matches(string path) => _type switch
    {
        PathMatchType.Exact => path == _value,
        PathMatchType.PathPrefix => path.StartsWith(_value, StringComparison.Ordinal)
            && (path.Length == _value.Length || _value.Length == 0 || path[_value.Length] == '/'),
        _ => _regex!.IsMatch(path),
    };
}
