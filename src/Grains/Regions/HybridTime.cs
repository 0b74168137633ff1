using System.Globalization;
using System.Text.Json.Serialization;

namespace Mesh.Grains.Regions;

/// <summary>
/// A reading of a hybrid logical clock (Kulkarni et al., "Logical Physical Clocks", 2014): close to wall time, and yet
/// above everything its writer had seen. Text form: <c>milliseconds.counter</c>.
/// </summary>
/// <param name="Milliseconds">Since 1970, UTC.</param>
/// <param name="Counter">Orders readings of one millisecond.</param>
[JsonConverter(typeof(HybridTimeConverter))]
public readonly record struct HybridTime(long Milliseconds, int Counter) : IComparable<HybridTime>
{
    /// <summary>The end of the year 9999, beyond which no date can be told.</summary>
    private const long MaxMilliseconds = 253_402_300_799_999;

    public static HybridTime Of(DateTimeOffset time) => new(Math.Max(0, time.ToUnixTimeMilliseconds()), 0);

    /// <summary>The smallest reading above this one.</summary>
    public HybridTime Next() => Counter < int.MaxValue ? this with { Counter = Counter + 1 } : new HybridTime(Milliseconds + 1, 0);

    public static HybridTime Max(HybridTime left, HybridTime right) => left >= right ? left : right;

    public DateTimeOffset ToDateTimeOffset() => DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(Milliseconds, MaxMilliseconds));

    public int CompareTo(HybridTime other)
    {
        var byTime = Milliseconds.CompareTo(other.Milliseconds);
        return byTime != 0 ? byTime : Counter.CompareTo(other.Counter);
    }

    public static bool TryParse(ReadOnlySpan<char> text, out HybridTime time)
    {
        time = default;
        var dot = text.IndexOf('.');
        if (dot < 0
            || !long.TryParse(text[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            || !int.TryParse(text[(dot + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var counter)
            || milliseconds > MaxMilliseconds)
        {
            return false;
        }

        time = new HybridTime(milliseconds, counter);
        return true;
    }

    public static bool operator <(HybridTime left, HybridTime right) => left.CompareTo(right) < 0;

    public static bool operator >(HybridTime left, HybridTime right) => left.CompareTo(right) > 0;

    public static bool operator <=(HybridTime left, HybridTime right) => left.CompareTo(right) <= 0;

    public static bool operator >=(HybridTime left, HybridTime right) => left.CompareTo(right) >= 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Milliseconds}.{Counter}");
}
