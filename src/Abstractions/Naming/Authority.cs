using System.Globalization;

namespace Mesh.Abstractions.Naming;

/// <summary>
/// What an application asked for: the <c>Host</c> header, <c>:authority</c>, or the authority of an absolute
/// URI (RFC 3986, section 3.2), split into host and port. Parsing allocates nothing.
/// </summary>
public readonly ref struct Authority
{
    private Authority(ReadOnlySpan<char> host, int port)
    {
        Host = host;
        Port = port;
    }

    /// <summary>The host without port and without a trailing dot, in the caller's letter case.</summary>
    public ReadOnlySpan<char> Host { get; }

    /// <summary>The port that was asked for; 0 when none was.</summary>
    public int Port { get; }

    public static bool TryParse(ReadOnlySpan<char> text, out Authority authority)
    {
        authority = default;
        var port = 0;
        var colon = text.LastIndexOf(':');
        var isBracketed = text.Length > 0 && text[0] == '[';
        if (colon >= 0 && (!isBracketed || text[colon - 1] == ']'))
        {
            if (!int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port)
                || port is < 1 or > 65535)
            {
                return false;
            }

            text = text[..colon];
        }

        if (text.Length > 1 && text[^1] == '.')
        {
            text = text[..^1];
        }

        if (text.Length is 0 or > 253)
        {
            return false;
        }

        authority = new Authority(text, port);
        return true;
    }

    /// <summary>
    /// The service a host names by itself: <c>web</c> is the caller's own namespace, <c>web.shop</c> and
    /// <c>web.shop.svc.cluster.local</c> (or any ending after <c>.svc</c>) are <c>shop/web</c>.
    /// False when the host can only be an alias (<see cref="Services.ServiceSpec.Hosts"/>).
    /// </summary>
    public static bool TryGetService(string host, string callerNamespace, out ServiceName service)
    {
        service = default;
        var labels = host.ToLowerInvariant().Split('.');
        var isServiceForm = labels.Length switch
        {
            1 or 2 => true,
            _ => labels[2] == "svc",
        };
        if (!isServiceForm || !DnsLabel.IsValid(labels[0]) || (labels.Length > 1 && !DnsLabel.IsValid(labels[1])))
        {
            return false;
        }

        service = new ServiceName(labels.Length == 1 ? callerNamespace : labels[1], labels[0]);
        return true;
    }
}
