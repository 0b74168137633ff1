using System.Buffers;
using System.IO.Hashing;
using System.Text;

namespace Mesh.Proxy.Balancing;

/// <summary>XXH3 (64 bits) of a text's UTF-8 form: the same in every process, on every machine, in every version.</summary>
internal static class TextHash
{
    private const int OnStack = 512;

    public static ulong Of(ReadOnlySpan<char> text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (most <= OnStack)
        {
            Span<byte> bytes = stackalloc byte[OnStack];
            return XxHash3.HashToUInt64(bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
        }

        var rented = ArrayPool<byte>.Shared.Rent(most);
        var hash = XxHash3.HashToUInt64(rented.AsSpan(0, Encoding.UTF8.GetBytes(text, rented)));
        ArrayPool<byte>.Shared.Return(rented);
        return hash;
    }

    public static ulong Of(ReadOnlySpan<byte> bytes) => XxHash3.HashToUInt64(bytes);
}
