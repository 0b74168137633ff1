using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using Mesh.Abstractions.Naming;

namespace Mesh.Abstractions.Validation;

/// <summary>
/// An allowed origin, other than <c>*</c> alone: scheme, host and port. A host that starts with <c>*.</c> stands for every
/// name below the rest, over any number of labels; <c>*</c> for every host (Gateway API, <c>HTTPCORSFilter.allowOrigins</c>).
/// </summary>
public sealed class CorsOrigin
{
    private readonly string _scheme;

    /// <summary>Without <c>*</c>, but with the dot after it; empty for every host.</summary>
    private readonly string _host;
    private readonly int _port;
    private readonly bool _isWildcard;

    private CorsOrigin(string scheme, string host, int port, bool isWildcard)
    {
        _scheme = scheme;
        _host = host;
        _port = port;
        _isWildcard = isWildcard;
    }

    /// <summary>Reads an origin as an administrator writes it.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out CorsOrigin? origin)
    {
        origin = null;
        if (!TrySplit(text, out var scheme, out var host, out var port))
        {
            return false;
        }

        var isWildcard = host.StartsWith('*');
        if (isWildcard)
        {
            host = host[1..];
            if (host.Length > 0 && (host[0] != '.' || !DnsLabel.IsValidName(host[1..].ToString().ToLowerInvariant())))
            {
                return false;
            }
        }
        else if (!IsHost(host))
        {
            return false;
        }

        origin = new CorsOrigin(scheme, host.ToString(), port, isWildcard);
        return true;
    }

    /// <summary>Whether a request's <c>Origin</c> is, or is among, this one.</summary>
    public bool Includes(string requested) =>
        TrySplit(requested, out var scheme, out var host, out var port)
        && scheme == _scheme
        && port == _port
        && (_isWildcard
            ? host.Length > _host.Length && host.EndsWith(_host, StringComparison.OrdinalIgnoreCase)
            : host.Equals(_host, StringComparison.OrdinalIgnoreCase));

    /// <summary>Splits <c>scheme://host[:port]</c>; a port that is left out is the scheme's own.</summary>
    private static bool TrySplit(string text, [NotNullWhen(true)] out string? scheme, out ReadOnlySpan<char> host, out int port)
    {
        scheme = text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? "https"
            : text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? "http"
            : null;
        host = default;
        port = 0;
        if (scheme is null)
        {
            return false;
        }

        host = text.AsSpan(scheme.Length + "://".Length);
        port = scheme == "https" ? 443 : 80;
        var colon = host.LastIndexOf(':');
        if (colon >= 0 && host[^1] != ']')
        {
            if (!int.TryParse(host[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535)
            {
                return false;
            }

            host = host[..colon];
        }

        return host.Length > 0 && !host.ContainsAny("/?#@ ");
    }

    private static bool IsHost(ReadOnlySpan<char> host) =>
        IPAddress.TryParse(host, out _) || DnsLabel.IsValidName(host.ToString().ToLowerInvariant());
}
