using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Mesh.EndToEnd.Tests.Secrets;

/// <summary>What a secret may look like where it was told by mistake: as it is, or in an encoding that anybody undoes.</summary>
internal static class SecretForms
{
    /// <summary>Of fewer bytes a form would be found where nobody put it.</summary>
    private const int LeastBytes = 10;

    /// <exception cref="ArgumentException">It is too short to look for.</exception>
    public static IReadOnlyList<(string Name, byte[] Bytes)> Of(string secret)
    {
        var forms = OfBytes(Encoding.UTF8.GetBytes(secret)).ToList();
        forms.Add(("percent-encoded", Ascii(Uri.EscapeDataString(secret))));
        forms.Add(("percent-encoded, lower", Ascii(LowerEscapes(Uri.EscapeDataString(secret)))));
        foreach (var encoder in (JavaScriptEncoder[])[JavaScriptEncoder.Default, JavaScriptEncoder.UnsafeRelaxedJsonEscaping])
        {
            var escaped = JsonEncodedText.Encode(secret, encoder).ToString();
            forms.Add(("JSON", Encoding.UTF8.GetBytes(escaped)));
            forms.Add(("JSON with escaped slashes", Encoding.UTF8.GetBytes(escaped.Replace("/", "\\/", StringComparison.Ordinal))));
        }

        // Most secrets are random bytes, written in one of these.
        if (Decode(secret) is { } raw)
        {
            forms.AddRange(OfBytes(raw).Select(static form => ($"decoded, then {form.Name}", form.Bytes)));
        }

        return Distinct(forms);
    }

    /// <inheritdoc cref="Of(string)"/>
    public static IReadOnlyList<(string Name, byte[] Bytes)> Of(byte[] secret) => Distinct(OfBytes(secret));

    private static IEnumerable<(string Name, byte[] Bytes)> OfBytes(byte[] secret)
    {
        if (secret.Length < LeastBytes)
        {
            throw new ArgumentException($"a secret of {secret.Length} bytes is too short to look for; take {LeastBytes} or more", nameof(secret));
        }

        yield return ("plain", secret);
        yield return ("hex, upper", Ascii(Convert.ToHexString(secret)));
        yield return ("hex, lower", Ascii(Convert.ToHexStringLower(secret)));
        yield return ("percent-encoded, every byte", Ascii(string.Concat(secret.Select(static one => $"%{one:X2}"))));
        yield return ("percent-encoded, every byte, lower", Ascii(string.Concat(secret.Select(static one => $"%{one:x2}"))));
        for (var before = 0; before < 3; before++)
        {
            var text = Base64(secret, before);
            yield return ($"base64 after {before} bytes", Ascii(text));
            yield return ($"base64url after {before} bytes", Ascii(text.Replace('+', '-').Replace('/', '_')));
        }
    }

    /// <summary>Those characters that are the same whatever stands around the secret, of which there are <paramref name="before"/> bytes (modulo 3) before it.</summary>
    private static string Base64(byte[] secret, int before)
    {
        var text = Convert.ToBase64String([.. new byte[before], .. secret]).TrimEnd('=');

        // A character is 6 bits: those that share theirs with a byte of the neighbours are left out.
        var first = ((before * 8) + 5) / 6;
        var end = (before + secret.Length) * 8 / 6;
        return text[first..end];
    }

    private static byte[]? Decode(string secret)
    {
        if (secret.Length % 2 == 0 && secret.All(char.IsAsciiHexDigit))
        {
            return Long(Convert.FromHexString(secret));
        }

        var buffer = new byte[secret.Length];
        return Convert.TryFromBase64String(secret, buffer, out var length)
            || (Base64Url.IsValid(secret) && Base64Url.TryDecodeFromChars(secret, buffer, out length))
                ? Long(buffer[..length])
                : null;
    }

    private static byte[]? Long(byte[] bytes) => bytes.Length >= LeastBytes ? bytes : null;

    private static string LowerEscapes(string text)
    {
        var lower = new StringBuilder(text);
        for (var i = 0; i + 2 < text.Length; i++)
        {
            if (text[i] == '%')
            {
                lower[i + 1] = char.ToLowerInvariant(text[i + 1]);
                lower[i + 2] = char.ToLowerInvariant(text[i + 2]);
            }
        }

        return lower.ToString();
    }

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);

    private static List<(string Name, byte[] Bytes)> Distinct(IEnumerable<(string Name, byte[] Bytes)> forms) =>
        [.. forms.DistinctBy(static form => Convert.ToHexString(form.Bytes))];
}
