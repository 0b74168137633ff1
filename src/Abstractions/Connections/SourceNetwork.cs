using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Mesh.Abstractions.Connections;

/// <summary>Where something comes from, for those who count it.</summary>
public static class SourceNetwork
{
    /// <summary>Of IPv4 the address, of IPv6 the network: one host has as many addresses as it likes there (RFC 4291, section 2.5.4).</summary>
    public static UInt128 Of(IPAddress? address)
    {
        if (address is null)
        {
            return 0;
        }

        Span<byte> bytes = stackalloc byte[16];
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            address.TryWriteBytes(bytes[12..], out _);
            bytes[10] = bytes[11] = 0xFF;
        }
        else
        {
            address.TryWriteBytes(bytes, out _);
            bytes[8..].Clear();
        }

        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
