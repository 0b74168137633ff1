using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Mesh.Silo.Api.Audit;

/// <summary>
/// Makes text of a request fit for logs: bounded, and on one line whatever reads it. What cannot be seen (control and format
/// characters, line and paragraph separators, halves of surrogate pairs) is written as <c>\u000A</c>, and so is the backslash.
/// Of a token only its kind and id are left: who takes it for its id puts it into a path.
/// </summary>
internal static partial class AuditText
{
    public const int MaxName = 256;
    public const int MaxPath = 512;

    private const char Ellipsis = '…';

    /// <summary>The path that a request asks for, as it may stand in any log.</summary>
    public static string PathOf(HttpRequest request) => Clean((request.PathBase + request.Path).ToUriComponent(), MaxPath);

    /// <returns>At most <paramref name="limit"/> characters; an ellipsis is the last one where there were more.</returns>
    public static string Clean(string text, int limit)
    {
        text = Secret().Replace(text, "$1…");
        if (text.Length <= limit && !text.Any(static letter => char.IsSurrogate(letter) || MustEscape(letter)))
        {
            return text;
        }

        var clean = new StringBuilder(Math.Min(text.Length, limit) + 8);
        var cut = 0;
        foreach (var letter in text.EnumerateRunes())
        {
            Append(clean, letter);
            if (clean.Length > limit)
            {
                clean.Length = cut;
                return clean.Append(Ellipsis).ToString();
            }

            // Between two letters, with room for the ellipsis.
            cut = clean.Length < limit ? clean.Length : cut;
        }

        return clean.ToString();
    }

    private static void Append(StringBuilder clean, Rune letter)
    {
        if (letter.IsBmp && MustEscape((char)letter.Value))
        {
            clean.Append(CultureInfo.InvariantCulture, $"\\u{letter.Value:X4}");
        }
        else
        {
            clean.Append(letter.ToString());
        }
    }

    /// <summary>Halves of pairs are enumerated as U+FFFD, which therefore is escaped as well.</summary>
    private static bool MustEscape(char letter) => letter is '\\' or '\uFFFD' || char.GetUnicodeCategory(letter)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    [GeneratedRegex(@"(mesh-(?:api|join)\.[^./]*\.)[^/]+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Secret();
}
