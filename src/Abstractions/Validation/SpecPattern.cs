using System.Text.RegularExpressions;

namespace Mesh.Abstractions.Validation;

/// <summary>
/// The regular expressions of specs. They run on .NET's non-backtracking engine, whose time is linear in the input
/// whatever the pattern; what that engine cannot run (look-arounds, back-references, atomic groups) is refused.
/// </summary>
public static class SpecPattern
{
    /// <summary>A pattern must not be larger than this many simple states once its repetitions are written out.</summary>
    private const int MaxSize = 10_000;

    /// <summary>Compiles a pattern so that it matches whole values only.</summary>
    /// <exception cref="ArgumentException">It is not a regular expression.</exception>
    /// <exception cref="NotSupportedException">It needs backtracking.</exception>
    public static Regex Compile(string pattern) => new(
        $"^(?:{pattern})\\z",
        RegexOptions.NonBacktracking | RegexOptions.CultureInvariant,
        Regex.InfiniteMatchTimeout);

    /// <returns>What is wrong; null when the pattern can be used.</returns>
    public static string? Explain(string pattern)
    {
        if (pattern.Length == 0)
        {
            return "must not be empty";
        }

        if (pattern.Length > SpecLimits.PatternLength)
        {
            return $"has {pattern.Length} characters; a pattern may have at most {SpecLimits.PatternLength}";
        }

        if (PatternSize.Estimate(pattern) > MaxSize)
        {
            return $"repeats too much: written out, the pattern has more than {MaxSize} states; use smaller counts";
        }

        try
        {
            // On its own first: a stray parenthesis must not close the group that Compile puts around it.
            _ = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Regex.InfiniteMatchTimeout);
            _ = Compile(pattern);
            return null;
        }
        catch (NotSupportedException)
        {
            return "can only be matched by backtracking, which may never end; look-arounds (?=…), back-references \\1, "
                + "conditionals and atomic groups (?>…) are not supported";
        }
        catch (RegexParseException exception)
        {
            return $"is not a regular expression: {Reason(exception.Message)} (at offset {Math.Min(exception.Offset, pattern.Length)})";
        }
        catch (ArgumentException)
        {
            return "is not a regular expression";
        }
    }

    /// <summary>The parser's message is "Invalid pattern '…' at offset 1. Reason."</summary>
    private static string Reason(string message)
    {
        const string Marker = " at offset ";
        var offset = message.LastIndexOf(Marker, StringComparison.Ordinal);
        var dot = offset < 0 ? -1 : message.IndexOf(". ", offset, StringComparison.Ordinal);
        return dot < 0 ? message : message[(dot + 2)..].TrimEnd('.');
    }
}
