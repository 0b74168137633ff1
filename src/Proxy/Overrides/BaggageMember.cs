using Microsoft.Extensions.Primitives;

namespace Mesh.Proxy.Overrides;

/// <summary>One member of a <c>baggage</c> header (W3C Baggage, section 3.2), the others left as they are.</summary>
internal static class BaggageMember
{
    /// <returns>The decoded value; null when there is no such member.</returns>
    public static string? Read(StringValues baggage, string key)
    {
        foreach (var line in baggage)
        {
            foreach (var range in line.AsSpan().Split(','))
            {
                if (TryMatch(line.AsSpan(range), key, out var value))
                {
                    return Uri.UnescapeDataString(value.ToString());
                }
            }
        }

        return null;
    }

    /// <returns>The baggage with the member put in, in place of one that was there.</returns>
    public static string Write(StringValues baggage, string key, string value)
    {
        var members = new List<string>();
        foreach (var line in baggage)
        {
            foreach (var range in line.AsSpan().Split(','))
            {
                var member = line.AsSpan(range).Trim();
                if (member.Length > 0 && !TryMatch(member, key, out _))
                {
                    members.Add(member.ToString());
                }
            }
        }

        members.Add($"{key}={Uri.EscapeDataString(value)}");
        return string.Join(',', members);
    }

    /// <param name="value">Encoded, without properties.</param>
    private static bool TryMatch(ReadOnlySpan<char> member, string key, out ReadOnlySpan<char> value)
    {
        value = default;
        var equals = member.IndexOf('=');
        if (equals < 0 || !member[..equals].Trim().SequenceEqual(key))
        {
            return false;
        }

        value = member[(equals + 1)..];
        var properties = value.IndexOf(';');
        value = (properties < 0 ? value : value[..properties]).Trim();
        return true;
    }
}
