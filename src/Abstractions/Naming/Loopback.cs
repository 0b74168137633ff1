using System.Net;

namespace Mesh.Abstractions.Naming;

/// <summary>
/// Whether a name is loopback for everybody. <see cref="Uri.IsLoopback"/> also takes <c>loopback</c>, which is a name like any
/// other for those who look it up or listen on it: Kestrel listens on all addresses then.
/// </summary>
public static class Loopback
{
    /// <param name="host"><c>localhost</c>, or an address; of IPv6 also in brackets.</param>
    public static bool IsHost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    /// <summary>
    /// Whether who listens on a URL listens on loopback only. The host is taken as it is written: <see cref="Uri"/> decodes it,
    /// and leaves out who is before an at sign, and who listens does not.
    /// </summary>
    public static bool IsListener(Uri url)
    {
        var rest = url.OriginalString.Trim().AsSpan(url.Scheme.Length);
        if (!rest.StartsWith(Uri.SchemeDelimiter, StringComparison.Ordinal))
        {
            return false;
        }

        rest = rest[Uri.SchemeDelimiter.Length..];
        var authority = rest[..(rest.IndexOfAny("/?#\\") is var end and >= 0 ? end : rest.Length)];
        var port = authority.LastIndexOf(':');
        return IsHost((port > authority.LastIndexOf(']') ? authority[..port] : authority).ToString());
    }
}
