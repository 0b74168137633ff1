using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Mesh.Grains.Identity;

/// <summary>The text of tokens of a kind: <c>KIND.ID.SECRET</c>. The kind makes them easy to find where they should not be.</summary>
internal sealed class TokenText
{
    public const int IdLength = 16;

    /// <summary>By which proxies get their first certificate.</summary>
    public static readonly TokenText Join = new("mesh-join.");

    /// <summary>Of the management API.</summary>
    public static readonly TokenText Api = new("mesh-api.");

    private static readonly SearchValues<char> IdCharacters = SearchValues.Create("0123456789abcdef");

    private const int SecretBytes = 32;
    private const int SecretLength = 43;

    private readonly string _prefix;

    private TokenText(string prefix) => _prefix = prefix;

    /// <returns>The token, its id, and the digest by which it is known again.</returns>
    public (string Token, string Id, string Hash) Make()
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdLength / 2));
        var secret = RandomNumberGenerator.GetBytes(SecretBytes);
        return ($"{_prefix}{id}.{Base64Url.EncodeToString(secret)}", id, HashOf(secret));
    }

    /// <summary>Whether a text wants to be a token of this kind, good or not.</summary>
    public bool IsKind(string text) => text.StartsWith(_prefix, StringComparison.Ordinal);

    public bool TryParse(string token, [NotNullWhen(true)] out string? id, [NotNullWhen(true)] out string? hash)
    {
        id = null;
        hash = null;
        var rest = token.AsSpan();
        if (rest.Length != _prefix.Length + IdLength + 1 + SecretLength
            || !rest.StartsWith(_prefix, StringComparison.Ordinal)
            || rest[_prefix.Length + IdLength] != '.')
        {
            return false;
        }

        var secret = new byte[SecretBytes];
        if (!IsId(rest.Slice(_prefix.Length, IdLength))
            || Base64Url.DecodeFromChars(rest[^SecretLength..], secret, out _, out var length) != OperationStatus.Done
            || length != SecretBytes)
        {
            return false;
        }

        id = rest.Slice(_prefix.Length, IdLength).ToString();
        hash = HashOf(secret);
        return true;
    }

    /// <returns>The id of a token of this kind, by that or by the whole token; null when the text is neither.</returns>
    public string? IdOf(string text)
    {
        var id = IsKind(text) && text.AsSpan(_prefix.Length) is { Length: > IdLength } rest && rest[IdLength] == '.' ? rest[..IdLength].ToString() : text;
        return IsId(id) ? id : null;
    }

    public static bool IsId(ReadOnlySpan<char> id) => id.Length == IdLength && !id.ContainsAnyExcept(IdCharacters);

    private static string HashOf(byte[] secret) => Convert.ToBase64String(SHA256.HashData(secret));
}
