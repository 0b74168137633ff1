using System.Collections.Frozen;

namespace Mesh.Proxy.Tap;

/// <summary>Headers that are never shown: credentials, sessions, certificates, and what the operator names.</summary>
internal sealed class HeaderRedaction(IEnumerable<string> more)
{
    public const string Redacted = "<redacted>";

    private readonly FrozenSet<string> _names = new[]
    {
        "authorization", "proxy-authorization", "cookie", "set-cookie", "x-forwarded-client-cert", "x-api-key", "www-authenticate", "proxy-authenticate",
    }.Concat(more).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public SortedDictionary<string, string> Show(IHeaderDictionary headers)
    {
        var shown = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, values) in headers)
        {
            shown[name.ToLowerInvariant()] = _names.Contains(name) ? Redacted : values.ToString();
        }

        return shown;
    }
}
