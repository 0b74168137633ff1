namespace Mesh.Proxy.Access.Tokens;

/// <summary>The token of an <c>authorization</c> header (RFC 6750, section 2.1).</summary>
internal static class BearerToken
{
    private const string Scheme = "Bearer";

    /// <returns>Null when the header is of another scheme; empty when it has the scheme and nothing else.</returns>
    public static string? Of(string? authorization)
    {
        var text = authorization.AsSpan().Trim(' ');
        if (!text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || (text.Length > Scheme.Length && text[Scheme.Length] is not (' ' or '\t')))
        {
            return null;
        }

        return text[Scheme.Length..].Trim(" \t").ToString();
    }
}
