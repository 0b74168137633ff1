using System.Globalization;

namespace Mesh.Proxy.Deadlines;

/// <summary>The value of <c>grpc-timeout</c> (gRPC over HTTP/2, "Requests"): one to eight digits and a unit out of <c>H M S m u n</c>.</summary>
internal static class GrpcTimeout
{
    public const string Rule = "one to eight digits and a unit out of H M S m u n, such as 250m";

    private const int MostDigits = 8;
    private const long Most = 99_999_999;

    private static readonly (char Unit, long Ticks)[] Units =
    [
        ('u', TimeSpan.TicksPerMicrosecond),
        ('m', TimeSpan.TicksPerMillisecond),
        ('S', TimeSpan.TicksPerSecond),
        ('M', TimeSpan.TicksPerMinute),
        ('H', TimeSpan.TicksPerHour),
    ];

    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > MostDigits + 1
            || !int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var amount))
        {
            return false;
        }

        if (text[^1] == 'n')
        {
            // Finer than a tick. What is not zero must not become it: zero means that the time is over.
            timeout = TimeSpan.FromTicks((amount + TimeSpan.NanosecondsPerTick - 1) / TimeSpan.NanosecondsPerTick);
            return true;
        }

        foreach (var (unit, ticks) in Units)
        {
            if (text[^1] == unit)
            {
                timeout = TimeSpan.FromTicks(amount * ticks);
                return true;
            }
        }

        return false;
    }

    /// <summary>In the finest unit that eight digits are enough for; rounded up, so that some time stays some time.</summary>
    public static string Format(TimeSpan timeout)
    {
        foreach (var (unit, ticks) in Units)
        {
            var amount = (timeout.Ticks + ticks - 1) / ticks;
            if (amount <= Most)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{amount}{unit}");
            }
        }

        return $"{Most}H";
    }
}
