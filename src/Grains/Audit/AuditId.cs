using System.Globalization;
using System.Security.Cryptography;

namespace Mesh.Grains.Audit;

/// <summary>
/// Makes ids that sort by time as text: 16 hexadecimal digits of the time in ticks, a hyphen, and 8 that tell this life of
/// this silo from all others.
/// </summary>
internal sealed class AuditId(TimeProvider time)
{
    public const int Length = 25;

    private readonly string _silo = RandomNumberGenerator.GetHexString(8, lowercase: true);
    private long _last;

    /// <summary>Greater than every one before, also when the clock was put back.</summary>
    public string Next()
    {
        while (true)
        {
            var last = Volatile.Read(ref _last);
            var next = Math.Max(time.GetUtcNow().UtcTicks, last + 1);
            if (Interlocked.CompareExchange(ref _last, next, last) == last)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{next:x16}-{_silo}");
            }
        }
    }

    public static bool IsValid(string? text)
    {
        if (text is not { Length: Length } || text[16] != '-')
        {
            return false;
        }

        for (var i = 0; i < Length; i++)
        {
            if (i != 16 && !char.IsAsciiHexDigitLower(text[i]))
            {
                return false;
            }
        }

        return true;
    }
}
