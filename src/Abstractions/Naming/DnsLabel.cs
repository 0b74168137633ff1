namespace Mesh.Abstractions.Naming;

/// <summary>DNS-1123 labels (RFC 1123, section 2.1): 1 to 63 of <c>a-z 0-9 -</c>, no hyphen at either end.</summary>
public static class DnsLabel
{
    /// <summary>The longest label, in characters.</summary>
    public const int MaxLength = 63;

    /// <summary>What a valid label looks like, for error messages.</summary>
    public const string Rule = "1 to 63 lower-case letters, digits or hyphens, with no hyphen at either end";

    public static bool IsValid(ReadOnlySpan<char> label)
    {
        if (label.Length is 0 or > MaxLength || label[0] == '-' || label[^1] == '-')
        {
            return false;
        }

        foreach (var c in label)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-')
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether <paramref name="name"/> is a DNS name of at most 253 characters: labels joined by dots.</summary>
    public static bool IsValidName(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > 253)
        {
            return false;
        }

        foreach (var range in name.Split('.'))
        {
            if (!IsValid(name[range]))
            {
                return false;
            }
        }

        return true;
    }
}
