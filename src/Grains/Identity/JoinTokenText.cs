using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Mesh.Grains.Identity;

/// <summary>The text of a join token: <c>mesh-join.ID.SECRET</c>.</summary>
internal static class JoinTokenText
{
    public const int IdLength = 16;

    private static readonly SearchValues<char> IdCharacters = SearchValues.Create("0123456789abcdef");

    private const string Prefix = "mesh-join.";
    private const int SecretBytes = 32;
    private const int SecretLength = 43;

    /// <returns>The token, its id, and the digest by which it is known again.</returns>
    public static (string Token, string Id, string Hash) Make()
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdLength / 2));
        var secret = RandomNumberGenerator.GetBytes(SecretBytes);
        return ($"{Prefix}{id}.{Base64Url.EncodeToString(secret)}", id, HashOf(secret));
    }

    public static bool TryParse(string token, [NotNullWhen(true)] out string? id, [NotNullWhen(true)] out string? hash)
    {
        id = null;
        hash = null;
        var rest = token.AsSpan();
        if (rest.Length != Prefix.Length + IdLength + 1 + SecretLength
            || !rest.StartsWith(Prefix, StringComparison.Ordinal)
            || rest[Prefix.Length + IdLength] != '.')
        {
            return false;
        }

        var secret = new byte[SecretBytes];
        if (!IsId(rest.Slice(Prefix.Length, IdLength))
            || !Base64Url.TryDecodeFromChars(rest[^SecretLength..], secret, out var length)
            || length != SecretBytes)
        {
            return false;
        }

        id = rest.Slice(Prefix.Length, IdLength).ToString();
        hash = HashOf(secret);
        return true;
    }

    public static bool IsId(ReadOnlySpan<char> id) => id.Length == IdLength && !id.ContainsAnyExcept(IdCharacters);

    private static string HashOf(byte[] secret) => Convert.ToBase64String(SHA256.HashData(secret));
}
