namespace Mesh.Abstractions.Connections;

/// <summary>The token of an <c>authorization</c> header (RFC 6750, section 2.1).</summary>
public static class BearerToken
{
    private const string Scheme = "Bearer";

    /// <summary>Empty when the header has the scheme and nothing else.</summary>
    /// <returns>False when the header is of another scheme.</returns>
    public static bool TryRead(string? authorization, out ReadOnlySpan<char> token)
    {
        var text = authorization.AsSpan().Trim(' ');
        token = default;
        if (!text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || (text.Length > Scheme.Length && text[Scheme.Length] is not (' ' or '\t')))
        {
            return false;
        }

        token = text[Scheme.Length..].Trim(" \t");
        return true;
    }
}
