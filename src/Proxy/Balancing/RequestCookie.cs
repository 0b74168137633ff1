using Microsoft.Extensions.Primitives;

namespace Mesh.Proxy.Balancing;

/// <summary>Finds one cookie among those of a request (RFC 6265, section 4.2) without taking all of them apart.</summary>
internal static class RequestCookie
{
    /// <param name="headers">The values of <c>Cookie</c>; HTTP/2 may send several.</param>
    /// <returns>The first with that name; empty when there is none.</returns>
    public static ReadOnlySpan<char> Find(StringValues headers, string name)
    {
        for (var i = 0; i < headers.Count; i++)
        {
            var rest = headers[i].AsSpan();
            while (!rest.IsEmpty)
            {
                var end = rest.IndexOf(';');
                var pair = (end < 0 ? rest : rest[..end]).Trim();
                if (pair.Length > name.Length && pair[name.Length] == '=' && pair.StartsWith(name, StringComparison.Ordinal))
                {
                    return pair[(name.Length + 1)..].Trim('"');
                }

                rest = end < 0 ? [] : rest[(end + 1)..];
            }
        }

        return [];
    }
}
