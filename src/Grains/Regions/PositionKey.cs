namespace Mesh.Grains.Regions;

/// <summary>
/// Texts that stand for places in a list, compared ordinally, with room for another between any two. A key is a number
/// of three digits to the base 62, which appending and prepending count up and down, and a fraction for what is
/// inserted in between; a fraction never ends in the digit 0.
/// </summary>
internal static class PositionKey
{
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int Base = 62;
    private const int WholeLength = 3;
    private const int Wholes = Base * Base * Base;

    /// <summary>Longer ones are not worth their bytes: the list is laid out anew.</summary>
    public const int MaxLength = 24;

    /// <summary>A key above <paramref name="low"/> and below <paramref name="high"/>; null is no bound.</summary>
    public static string Between(string? low, string? high)
    {
        if (low is not null && high is not null && string.CompareOrdinal(low, high) >= 0)
        {
            throw new ArgumentException($"There is no place between '{low}' and '{high}'.", nameof(high));
        }

        // No key is "000": there would be none below it.
        var (lowWhole, lowFraction) = low is null ? (0, "") : Split(low);
        var (highWhole, highFraction) = high is null ? (Wholes, "") : Split(high);
        if (highWhole - lowWhole > 1)
        {
            return Format((low, high) switch
            {
                (null, null) => Wholes / 2,
                (null, _) => highWhole - 1,
                (_, null) => lowWhole + 1,
                _ => (lowWhole + highWhole) / 2,
            });
        }

        return Format(lowWhole) + Middle(lowFraction, lowWhole == highWhole ? highFraction : null);
    }

    /// <summary>Whether a text is a key this class could have made; what peers send need not be.</summary>
    public static bool IsValid(string key) =>
        key.Length >= WholeLength
        && key.All(static letter => char.IsAsciiLetterOrDigit(letter))
        && (key.Length == WholeLength || key[^1] != '0')
        && key != "000";

    private static (int Whole, string Fraction) Split(string key)
    {
        var whole = 0;
        for (var i = 0; i < WholeLength; i++)
        {
            whole = (whole * Base) + Digits.IndexOf(key[i], StringComparison.Ordinal);
        }

        return (whole, key[WholeLength..]);
    }

    private static string Format(int value) =>
        new([Digits[value / (Base * Base)], Digits[value / Base % Base], Digits[value % Base]]);

    /// <summary>A fraction between two; no upper bound when <paramref name="high"/> is null.</summary>
    private static string Middle(string low, string? high)
    {
        var digits = new List<char>();
        for (var i = 0; ; i++)
        {
            var from = i < low.Length ? Digits.IndexOf(low[i], StringComparison.Ordinal) : 0;
            var to = high is not null && i < high.Length ? Digits.IndexOf(high[i], StringComparison.Ordinal) : Base;
            if (to - from > 1)
            {
                digits.Add(Digits[(from + to) / 2]);
                return new string([.. digits]);
            }

            digits.Add(Digits[from]);
            if (to != from)
            {
                high = null;
            }
        }
    }
}
