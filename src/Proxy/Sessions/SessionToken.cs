using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;

namespace Mesh.Proxy.Sessions;

/// <summary>
/// Where a session is: what a client holds, and shows with its next request. Nobody needs to trust it. Whoever makes
/// one up can choose among the endpoints that the rule sends requests to anyway, and nothing else.
/// </summary>
/// <param name="Backend">Identifies service and labels of the rule's backend.</param>
/// <param name="Endpoint">Identifies the endpoint (<see cref="Balancing.UpstreamEndpoint.IdentityHash"/>).</param>
/// <param name="Expires">When the session ends, in seconds since 1970; 0 for never.</param>
internal readonly record struct SessionToken(ulong Backend, ulong Endpoint, long Expires)
{
    private const byte Version = 1;
    private const int Size = 1 + 8 + 8 + 8;

    /// <summary>The length of every token, in characters.</summary>
    private static readonly int TextLength = Base64Url.GetEncodedLength(Size);

    /// <returns>False for anything that <see cref="ToString"/> did not make.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out SessionToken token)
    {
        token = default;
        Span<byte> bytes = stackalloc byte[Size];
        if (text.Length != TextLength
            || Base64Url.DecodeFromChars(text, bytes, out _, out var length) != OperationStatus.Done
            || length != Size
            || bytes[0] != Version)
        {
            return false;
        }

        token = new SessionToken(
            BinaryPrimitives.ReadUInt64BigEndian(bytes[1..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[9..]),
            BinaryPrimitives.ReadInt64BigEndian(bytes[17..]));
        return true;
    }

    /// <summary>Letters, digits, <c>-</c> and <c>_</c>.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        bytes[0] = Version;
        BinaryPrimitives.WriteUInt64BigEndian(bytes[1..], Backend);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[9..], Endpoint);
        BinaryPrimitives.WriteInt64BigEndian(bytes[17..], Expires);
        return Base64Url.EncodeToString(bytes);
    }
}
