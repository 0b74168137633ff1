using System.Net;
using Mesh.Abstractions.Naming;

namespace Mesh.Abstractions.Validation;

/// <summary>Host names that filters put into requests and redirects (Gateway API, <c>PreciseHostname</c>).</summary>
internal static class HostnameRules
{
    /// <returns>What is wrong; null when nothing is.</returns>
    public static string? Explain(string host)
    {
        if (host.Contains('*', StringComparison.Ordinal))
        {
            return "must be one DNS name; a wildcard cannot be sent";
        }

        if (IPAddress.TryParse(host, out _))
        {
            return "must be a DNS name, not an IP address";
        }

        return DnsLabel.IsValidName(host)
            ? null
            : $"{Bounds.Quote(host)} is not a DNS name in lower case; write no scheme, port or path";
    }
}
