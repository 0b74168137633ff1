using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Mesh.Abstractions.Connections;

/// <summary>
/// Counts credentials that were no good, by where they came from: more than ten a minute are answered 429. Good ones are
/// taken all the same, so that nobody is locked out by a neighbour.
/// </summary>
public sealed class FailedLogins(TimeProvider time)
{
    public const int Most = 10;

    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    /// <summary>Addresses that are told apart; the failures of others are counted together.</summary>
    private const int MaxAddresses = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, (long Since, int Count)> _failures = [];

    /// <param name="address">Where they came from; those of whom it is not known are one place.</param>
    /// <returns>How long whoever fails now has to wait; null when they need not.</returns>
    public TimeSpan? Count(IPAddress? address)
    {
        var key = KeyOf(address);
        var now = time.GetTimestamp();
        lock (_lock)
        {
            if (_failures.Count >= MaxAddresses && !_failures.ContainsKey(key))
            {
                foreach (var old in _failures.Where(one => time.GetElapsedTime(one.Value.Since, now) >= Period).Select(static one => one.Key).ToList())
                {
                    _failures.Remove(old);
                }

                key = _failures.Count >= MaxAddresses ? 0 : key;
            }

            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_failures, key, out var exists);
            if (!exists || time.GetElapsedTime(known.Since, now) >= Period)
            {
                known = (now, 0);
            }

            known.Count = Math.Min(known.Count + 1, Most + 1);
            return known.Count > Most ? Period - time.GetElapsedTime(known.Since, now) : null;
        }
    }

    /// <summary>Of IPv6 the network: one host has as many addresses as it likes there (RFC 4291, section 2.5.4).</summary>
    private static UInt128 KeyOf(IPAddress? address)
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

        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
