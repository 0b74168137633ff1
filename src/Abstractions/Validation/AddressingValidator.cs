using System.Net;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;

namespace Mesh.Abstractions.Validation;

/// <summary>The names and ports by which a service is called.</summary>
internal static class AddressingValidator
{
    public static void Validate(ServiceSpec spec, JsonPath path, SpecErrors errors)
    {
        ValidateHosts(spec.Hosts, path.Field("hosts"), errors);
        ValidatePorts(spec.Ports, path.Field("ports"), errors);
    }

    private static void ValidateHosts(IReadOnlyList<string> hosts, JsonPath path, SpecErrors errors)
    {
        Bounds.CheckCount(hosts.Count, SpecLimits.Hosts, path, errors);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < hosts.Count && !errors.IsFull; i++)
        {
            if (Explain(hosts[i]) is { } problem)
            {
                errors.Add(path.Item(i), problem);
            }
            else if (!seen.Add(hosts[i]))
            {
                errors.Add(path.Item(i), $"{Bounds.Quote(hosts[i])} is in the list already");
            }
        }
    }

    private static string? Explain(string host)
    {
        if (host.Contains('*', StringComparison.Ordinal))
        {
            return "must be one DNS name; wildcards are not supported";
        }

        if (IPAddress.TryParse(host, out _))
        {
            return "must be a DNS name, not an IP address";
        }

        if (DnsLabel.IsValidName(host))
        {
            return null;
        }

        return DnsLabel.IsValidName(host.ToLowerInvariant())
            ? $"must be in lower case: \"{host.ToLowerInvariant()}\""
            : $"{Bounds.Quote(host)} is not a DNS name: write labels joined by dots, each {DnsLabel.Rule}; no scheme, port or path";
    }

    private static void ValidatePorts(IReadOnlyList<int> ports, JsonPath path, SpecErrors errors)
    {
        Bounds.CheckCount(ports.Count, SpecLimits.Ports, path, errors);
        var seen = new HashSet<int>();
        for (var i = 0; i < ports.Count && !errors.IsFull; i++)
        {
            if (Bounds.CheckRange(ports[i], 1, 65535, path.Item(i), errors) && !seen.Add(ports[i]))
            {
                errors.Add(path.Item(i), $"{ports[i]} is in the list already");
            }
        }
    }
}
