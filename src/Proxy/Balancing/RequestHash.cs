using System.Net;
using Mesh.Abstractions.Traffic;
using Microsoft.Extensions.Primitives;

namespace Mesh.Proxy.Balancing;

/// <summary>
/// The hash of a request by which consistent hashing places it. All proxies compute the same, so that a client's
/// requests meet at one endpoint whichever proxy they come through.
/// </summary>
internal sealed class RequestHash
{
    private readonly RequestKey _key;

    /// <exception cref="ArgumentException">The key names no part of a request.</exception>
    public RequestHash(RequestKey key)
    {
        if (string.IsNullOrEmpty(key.Header) && string.IsNullOrEmpty(key.Cookie) && !key.SourceAddress)
        {
            throw new ArgumentException("loadBalancer.hash names no header, cookie or source address");
        }

        _key = key;
    }

    /// <returns>Null when the request does not have what is hashed.</returns>
    public ulong? Of(HttpContext context)
    {
        if (!string.IsNullOrEmpty(_key.Header))
        {
            return context.Request.Headers.TryGetValue(_key.Header, out var values) ? Of(values) : null;
        }

        if (!string.IsNullOrEmpty(_key.Cookie))
        {
            var cookie = RequestCookie.Find(context.Request.Headers.Cookie, _key.Cookie);
            return cookie.IsEmpty ? null : TextHash.Of(cookie);
        }

        return context.Connection.RemoteIpAddress is { } address ? Of(address) : null;
    }

    private static ulong? Of(StringValues values)
    {
        // Several fields are one list (RFC 9110, section 5.3), but only whoever sends a key twice pays for joining them.
        var value = values.Count == 1 ? values[0] : values.ToString();
        return string.IsNullOrEmpty(value) ? null : TextHash.Of(value);
    }

    /// <summary>An IPv4 address and the same mapped to IPv6 are one.</summary>
    private static ulong Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return address.TryWriteBytes(bytes, out var length) ? TextHash.Of(bytes[..length]) : 0;
    }
}
