using System.Net;
using System.Net.Sockets;
using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;

namespace Mesh.Abstractions.Validation;

/// <summary>One instance's address and attributes.</summary>
internal static class EndpointValidator
{
    public static void Validate(EndpointSpec endpoint, JsonPath path, SpecErrors errors)
    {
        if (ExplainHost(endpoint.Host) is { } problem)
        {
            errors.Add(path.Field("host"), problem);
        }

        Bounds.CheckRange(endpoint.Port, 1, 65535, path.Field("port"), errors);
        Bounds.CheckRange(endpoint.Weight, 0, SpecLimits.Weight, path.Field("weight"), errors);
        if (endpoint.Zone is { } zone && !DnsLabel.IsValid(zone))
        {
            errors.Add(path.Field("zone"), $"must be {DnsLabel.Rule}");
        }

        if (endpoint.Identity is { } identity && !SpiffeId.IsValid(identity))
        {
            errors.Add(path.Field("identity"), $"{Bounds.Quote(identity)} is not a SPIFFE ID, such as spiffe://mesh.local/ns/shop/svc/web");
        }

        LabelRules.Validate(endpoint.Labels, path.Field("labels"), errors);
    }

    private static string? ExplainHost(string host)
    {
        if (TryReadAddress(host, out var address))
        {
            return IsUsable(address) ? null : $"{Bounds.Quote(host)} is not the address of one instance";
        }

        // A last label of digits only is how a mistyped IPv4 address looks (RFC 3696, section 2).
        var isName = DnsLabel.IsValidName(host) && host.AsSpan(host.LastIndexOf('.') + 1).ContainsAnyExceptInRange('0', '9');
        return isName ? null : $"{Bounds.Quote(host)} is neither an IP address nor a DNS name in lower case; write no scheme, port or brackets";
    }

    /// <summary>Only the usual forms: the platform also takes "1", "0x7f.1" and scoped addresses for one.</summary>
    private static bool TryReadAddress(string host, out IPAddress address) =>
        IPAddress.TryParse(host, out address!)
        && (address.AddressFamily == AddressFamily.InterNetwork
            ? address.ToString() == host
            : !host.AsSpan().ContainsAny('[', '%'));

    private static bool IsUsable(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return !plain.Equals(IPAddress.Any) && !plain.Equals(IPAddress.IPv6Any) && !plain.IsIPv6Multicast
            && (plain.AddressFamily != AddressFamily.InterNetwork || plain.GetAddressBytes()[0] is not (0 or >= 224));
    }
}
