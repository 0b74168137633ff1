using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Mesh.Abstractions.Json;

/// <summary>
/// Durations as the Gateway API writes them (GEP-2257): one to four groups of up to five digits and a unit out of
/// <c>h m s ms</c>, such as <c>1h30m</c> or <c>250ms</c>. The smallest step is a millisecond.
/// </summary>
public static class GatewayDuration
{
    public const string Rule = "a duration such as \"250ms\", \"10s\" or \"1h30m\" (GEP-2257)";

    /// <summary>The longest that <see cref="Format"/> can write: a sum of groups may be more hours than five digits say.</summary>
    private const long Longest = 99_999 * 3_600_000L + 3_599_999;

    public static bool TryParse([NotNullWhen(true)] string? text, out TimeSpan duration)
    {
        duration = default;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        var total = 0L;
        var groups = 0;
        var position = 0;
        while (position < text.Length)
        {
            var start = position;
            while (position < text.Length && char.IsAsciiDigit(text[position]))
            {
                position++;
            }

            if (position - start is 0 or > 5 || ++groups > 4)
            {
                return false;
            }

            var amount = long.Parse(text.AsSpan(start, position - start), NumberStyles.None, CultureInfo.InvariantCulture);
            var rest = text.AsSpan(position);
            var (unit, length) = rest switch
            {
                ['m', 's', ..] => (1L, 2),
                ['h', ..] => (3_600_000L, 1),
                ['m', ..] => (60_000L, 1),
                ['s', ..] => (1_000L, 1),
                _ => (0L, 0),
            };
            if (length == 0)
            {
                return false;
            }

            total += amount * unit;
            position += length;
        }

        if (total > Longest)
        {
            return false;
        }

        duration = TimeSpan.FromMilliseconds(total);
        return true;
    }

    public static string Format(TimeSpan duration)
    {
        var left = (long)duration.TotalMilliseconds;
        if (left <= 0)
        {
            return "0s";
        }

        var text = new StringBuilder();
        foreach (var (unit, size) in (ReadOnlySpan<(string, long)>)[("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)])
        {
            var amount = left / size;
            left %= size;
            if (amount > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"{amount}{unit}");
            }
        }

        return text.ToString();
    }
}
