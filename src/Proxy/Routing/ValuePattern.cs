using System.Text.RegularExpressions;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Validation;

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
        new(value, type == ValueMatchType.RegularExpression ? SpecPattern.Compile(value) : null);

    public bool Matches(ReadOnlySpan<char> text) => _regex is null ? text.SequenceEqual(_value) : _regex.IsMatch(text);
}
