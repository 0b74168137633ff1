using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Net;

namespace Mesh.Proxy.Access;

/// <summary>Rules by the networks they name: one look-up for each length of prefix that occurs, however many networks there are.</summary>
internal sealed class AddressIndex
{
    private const int AddressBits = 128;

    /// <summary>IPv4 addresses take the place that IPv6 gives them (RFC 4291, section 2.5.5.2).</summary>
    private const int MappedBits = 96;

    private readonly (int Length, FrozenDictionary<UInt128, AccessRuleModel[]> Rules)[] _byLength;

    public AddressIndex(IEnumerable<AccessRuleModel> rules) => _byLength = [.. rules
        .SelectMany(static rule => rule.Networks.Select(network => (Length: LengthOf(network), Key: ToNumber(network.BaseAddress), Rule: rule)))
        .GroupBy(static entry => entry.Length)
        .Select(static group => (group.Key, group
            .GroupBy(static entry => entry.Key)
            .ToFrozenDictionary(static same => same.Key, static same => same.Select(static entry => entry.Rule).Distinct().ToArray())))];

    public AccessRuleModel? Find(in AccessRequest request)
    {
        if (_byLength.Length == 0 || request.Address is not { } address)
        {
            return null;
        }

        var number = ToNumber(address);
        foreach (var (length, rules) in _byLength)
        {
            var key = length == 0 ? 0 : number & (UInt128.MaxValue << (AddressBits - length));
            if (rules.TryGetValue(key, out var named) && AccessIndex.FirstOf(named, request) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>All of IPv6 is not all of IPv4, which is only a part of the numbers.</summary>
    private static int LengthOf(IPNetwork network) =>
        network.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? network.PrefixLength + MappedBits : network.PrefixLength;

    private static UInt128 ToNumber(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var written);
        return written == 4
            ? new UInt128(0, 0xFFFF_0000_0000UL | BinaryPrimitives.ReadUInt32BigEndian(bytes))
            : BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
