using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Mesh.Abstractions.Access;

namespace Mesh.Proxy.Access.Tokens;

/// <summary>SHA-256 of a token and of whose tokens are believed: stands for both without keeping the token.</summary>
internal readonly record struct TokenDigest(UInt128 First, UInt128 Second)
{
    public static TokenDigest Of(ReadOnlySpan<byte> issuers, ReadOnlySpan<char> token)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(issuers.Length + Encoding.UTF8.GetMaxByteCount(token.Length));
        try
        {
            issuers.CopyTo(buffer);
            var length = issuers.Length + Encoding.UTF8.GetBytes(token, buffer.AsSpan(issuers.Length));
            Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(buffer.AsSpan(0, length), digest);
            return MemoryMarshal.Read<TokenDigest>(digest);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    /// <summary>Of always the same length, so that what follows cannot be taken for a part of it.</summary>
    public static byte[] Of(IReadOnlyList<JwtIssuer> issuers)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        foreach (var issuer in issuers)
        {
            writer.Write(issuer.Issuer);
            writer.Write(issuer.Jwks);
            writer.Write(issuer.Audiences.Count);
            foreach (var audience in issuer.Audiences)
            {
                writer.Write(audience);
            }
        }

        writer.Flush();
        return SHA256.HashData(stream.ToArray());
    }
}
