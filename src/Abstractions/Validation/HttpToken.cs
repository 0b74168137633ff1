using System.Buffers;

namespace Mesh.Abstractions.Validation;

/// <summary>Tokens: names of headers, methods and cookies (RFC 9110, section 5.6.2).</summary>
public static class HttpToken
{
    private static readonly SearchValues<char> Characters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    public static bool IsValid(ReadOnlySpan<char> text) => text.Length > 0 && !text.ContainsAnyExcept(Characters);
}
