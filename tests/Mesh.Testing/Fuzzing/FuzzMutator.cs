using System.Text;

namespace Mesh.Testing.Fuzzing;

/// <summary>Damages what was right: flips, cuts, repeats, splices, and puts in what parsers tend to mishandle.</summary>
internal sealed class FuzzMutator(IReadOnlyList<byte[]> corpus)
{
    /// <summary>Longer ones cannot come in: heads of requests and lines of files are bounded by others.</summary>
    private const int MaxLength = 64 << 10;

    private static readonly byte[][] Specials = [.. ((string[])
    [
        "\0", "\r\n", "\n", "\r", "\t", " ", "\"", "'", "\\", "/", "//", "..", "../", "%", "%00", "%2e%2e%2f", "%zz", "%u0041", ";", ",", "=", ":", "@", "-", "+", ".",
        "0", "-1", "00", "2147483648", "4294967296", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "99999", "99999999999999999999", "1e999", "NaN",
        "[", "]", "{", "}", "[[[[[[[[", "{\"a\":", "(", ")", "(a+)+$", "{1000}", "*", "?", "|", "^", "$", "&a", "*a", "!!binary ", "<<: ", "---\n", "null", "true",
        "\uFEFF", "\u202E", "\u0130", "\u212A", "é", "ß", "😀", "\\ud800", "\\u0000", "http://", "xn--", "localhost", "::1", "[::1]:80",
    ]).Select(Encoding.UTF8.GetBytes), [0xFF], [0x80], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 0x80], [0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0x7F]];

    public byte[] Next(Random random)
    {
        var bytes = new List<byte>(corpus[random.Next(corpus.Count)]);
        for (var change = random.Next(1, 6); change > 0; change--)
        {
            Change(bytes, random);
        }

        return bytes.Count > MaxLength ? [.. bytes.Take(MaxLength)] : [.. bytes];
    }

    private void Change(List<byte> bytes, Random random)
    {
        var at = random.Next(bytes.Count + 1);
        var length = random.Next(Math.Min(bytes.Count - at, random.Next(4) == 0 ? 1000 : 8) + 1);
        switch (random.Next(9))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(at, length);
                break;
            case 3 when random.Next(4) == 0:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 4:
                Repeat(bytes, at, length, random.Next(8) == 0 ? random.Next(10_000) : random.Next(4));
                break;
            case 5:
                var other = corpus[random.Next(corpus.Count)];
                var from = random.Next(other.Length + 1);
                bytes.InsertRange(at, other.AsSpan(from, random.Next(other.Length - from + 1)).ToArray());
                break;
            case 6:
                bytes.RemoveRange(at, length);
                bytes.InsertRange(at, Specials[random.Next(Specials.Length)]);
                break;
            default:
                bytes.InsertRange(at, Specials[random.Next(Specials.Length)]);
                break;
        }
    }

    private static void Repeat(List<byte> bytes, int at, int length, int times)
    {
        var part = bytes.GetRange(at, length);
        var room = Math.Max(0, MaxLength - bytes.Count);
        var more = new List<byte>();
        while (times-- > 0 && part.Count > 0 && more.Count + part.Count <= room)
        {
            more.AddRange(part);
        }

        bytes.InsertRange(at, more);
    }
}
