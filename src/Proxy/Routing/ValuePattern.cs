using System.Text.RegularExpressions;
using Mesh.Abstractions.Routing;

namespace Mesh.Proxy.Routing;

/// <summary>A value to compare with: exact and case-sensitive, or a regular expression that must match all of it.</summary>
internal sealed class ValuePattern
{
    private readonly string _value;
    private readonly Regex? _regex;

    private ValuePattern(string value, Regex? regex)
    {
        _value = value;
        _regex = regex;
    }

    /// <exception cref="ArgumentException">The pattern does not compile.</exception>
    /// <exception cref="NotSupportedException">The pattern needs backtracking.</exception>
    public static ValuePattern Create(ValueMatchType type, string value) =>
        new(value, type == ValueMatchType.RegularExpression ? CreateRegex(value) : null);

    /// <summary>
    /// Compiles a pattern that must match the whole text. Without backtracking the time is linear in the text's
    /// length, so no request can make a rule expensive.
    /// </summary>
    public static Regex CreateRegex(string pattern) =>
        new($@"\A(?:{pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    public bool Matches(ReadOnlySpan<char> text) => _regex is null ? text.SequenceEqual(_value) : _regex.IsMatch(text);
}
