using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Mesh.Abstractions.Validation;

/// <summary>An IP address, or a network in CIDR notation.</summary>
public static class AddressRange
{
    public const string Rule = "an IP address such as \"10.0.0.7\", or a network such as \"10.0.0.0/8\" or \"fd00::/8\" whose bits after the prefix are zero";

    /// <summary>An address alone is a network of one. IPv4 addresses in IPv6 form (<c>::ffff:10.0.0.7</c>) become IPv4.</summary>
    public static bool TryParse(string text, out IPNetwork network)
    {
        if (text.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash)
        {
            // Bits after the prefix are a mistake: one wrote an address, and meant it or its network.
            return IPNetwork.TryParse(text, out network) && !network.BaseAddress.IsIPv4MappedToIPv6
                && TryParseAddress(text[..slash], out var start) && start.Equals(network.BaseAddress)
                && text[(slash + 1)..] == network.PrefixLength.ToString(CultureInfo.InvariantCulture);
        }

        if (!TryParseAddress(text, out var address))
        {
            network = default;
            return false;
        }

        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        network = new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
        return true;
    }

    /// <summary>Of IPv4 only the usual form: "10.1" and "012.0.0.1" mean different things to different programs. No scopes, which mean something on one machine only.</summary>
    private static bool TryParseAddress(string text, [NotNullWhen(true)] out IPAddress? address) =>
        IPAddress.TryParse(text, out address)
        && (address.AddressFamily == AddressFamily.InterNetwork ? address.ToString() == text : !text.Contains('%', StringComparison.Ordinal));
}
