using System.IO.Hashing;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Balancing;

namespace Mesh.Proxy.Limits;

/// <summary>
/// Which caller a request is from, as 64 bits: what callers send may be long, and is not kept. The seed makes it useless
/// to look for values that share a hash.
/// </summary>
internal sealed class CallerKey(RequestKey key)
{
    /// <summary>Those whose requests do not have what tells callers apart are one caller.</summary>
    private const ulong Nobody = 0;

    private static readonly long Seed = Random.Shared.NextInt64();

    public ulong Of(HttpContext context)
    {
        if (key.SourceAddress)
        {
            return OfAddress(context.Connection.RemoteIpAddress);
        }

        var value = key.Header is not null
            ? context.Request.Headers[key.Header].ToString()
            : RequestCookie.Find(context.Request.Headers.Cookie, key.Cookie ?? "");
        return value.IsEmpty ? Nobody : Hash(MemoryMarshal.AsBytes(value));
    }

    private static ulong OfAddress(System.Net.IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address is null || !address.TryWriteBytes(bytes, out var length))
        {
            return Nobody;
        }

        // Whoever has an IPv6 address has the 2^64 others of its network as well.
        return Hash(bytes[..(address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false } ? 8 : length)]);
    }

    private static ulong Hash(ReadOnlySpan<byte> value) => XxHash3.HashToUInt64(value, Seed);
}
