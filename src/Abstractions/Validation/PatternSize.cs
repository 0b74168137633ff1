using System.Globalization;

namespace Mesh.Abstractions.Validation;

/// <summary>
/// How large a pattern gets when its counted repetitions are written out: <c>(ab{3}){10}</c> is 40. The engine writes
/// them out when it compiles, so <c>(a{1000}){1000}</c> must be stopped before.
/// </summary>
internal static class PatternSize
{
    /// <summary>Good enough for any text, pattern or not: unbalanced parts are left to the compiler to refuse.</summary>
    public static long Estimate(string pattern)
    {
        var outer = new Stack<long>();
        var total = 0L;
        var last = 0L;
        var position = 0;
        while (position < pattern.Length)
        {
            var c = pattern[position];
            switch (c)
            {
                case '(':
                    outer.Push(total + last);
                    (total, last) = (0, 0);
                    position++;
                    break;
                case ')' when outer.Count > 0:
                    last = Math.Max(1, total + last);
                    total = outer.Pop();
                    position++;
                    break;
                case '{' when TryReadCount(pattern, position, out var count, out var end):
                    last = Saturate(last * Math.Max(1, count));
                    position = end;
                    break;
                case '*' or '+' or '?' or '|' or '^' or '$':
                    position++;
                    break;
                default:
                    total = Saturate(total + last);
                    last = 1;
                    position = SkipAtom(pattern, position);
                    break;
            }
        }

        return Saturate(total + last);
    }

    private static long Saturate(long size) => Math.Min(size, int.MaxValue);

    private static int SkipAtom(string pattern, int position) => pattern[position] switch
    {
        '\\' => SkipEscape(pattern, position),
        '[' => SkipClass(pattern, position),
        _ => position + 1,
    };

    private static int SkipEscape(string pattern, int position)
    {
        if (position + 2 < pattern.Length && pattern[position + 1] is 'p' or 'P' && pattern[position + 2] == '{')
        {
            var end = pattern.IndexOf('}', position);
            return end < 0 ? pattern.Length : end + 1;
        }

        return Math.Min(position + 2, pattern.Length);
    }

    /// <summary>Over <c>[^]a-z-[aeiou]]</c>: a bracket that comes first is a letter, and classes can be subtracted.</summary>
    private static int SkipClass(string pattern, int position)
    {
        var depth = 0;
        while (position < pattern.Length)
        {
            switch (pattern[position])
            {
                case '\\':
                    position++;
                    break;
                case '[' when depth == 0 || pattern[position - 1] == '-':
                    depth++;
                    position += position + 1 < pattern.Length && pattern[position + 1] == '^' ? 1 : 0;
                    position += position + 1 < pattern.Length && pattern[position + 1] == ']' ? 1 : 0;
                    break;
                case ']' when --depth == 0:
                    return position + 1;
            }

            position++;
        }

        return pattern.Length;
    }

    /// <summary>Reads <c>{3}</c>, <c>{3,}</c> or <c>{3,5}</c>; anything else in braces stands for itself.</summary>
    private static bool TryReadCount(string pattern, int position, out long count, out int end)
    {
        count = 0;
        end = pattern.IndexOf('}', position) + 1;
        if (end == 0)
        {
            return false;
        }

        foreach (var number in pattern.AsSpan(position + 1, end - position - 2).ToString().Split(','))
        {
            if (number.Length > 0)
            {
                if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
                {
                    return false;
                }

                count = Math.Max(count, Saturate(value));
            }
        }

        return true;
    }
}
