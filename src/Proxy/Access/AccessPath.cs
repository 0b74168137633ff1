using System.Text;

namespace Mesh.Proxy.Access;

/// <summary>
/// Paths as applications could read them, so that no spelling of a path slips past a rule that names it: percent-decoded,
/// backslashes as slashes, no slash doubled, dot segments removed (RFC 3986, section 5.2.4). How often an application decodes
/// is its own business, and dots that appear by that lead elsewhere: such a path has several readings.
/// </summary>
internal static class AccessPath
{
    /// <summary>Encodings of encodings; an application decodes once, a careless one twice.</summary>
    private const int MaxDecodings = 3;

    /// <param name="path">Decoded by the server, but for slashes.</param>
    /// <param name="others">What it is to those who decode less; null when it is the same to all, as nearly always.</param>
    /// <returns>What it is to those who decode most.</returns>
    public static string Read(string path, out string[]? others)
    {
        others = null;
        if (path.Length == 0)
        {
            return "/";
        }

        return path.AsSpan().IndexOfAny('%', '\\') < 0 && !path.Contains("//", StringComparison.Ordinal) && !path.Contains("/.", StringComparison.Ordinal)
            ? path
            : ReadUnusual(path, out others);
    }

    private static string ReadUnusual(string path, out string[]? others)
    {
        var readings = new List<string> { Resolve(path) };
        for (var i = 0; i < MaxDecodings && path.Contains('%', StringComparison.Ordinal); i++)
        {
            var decoded = Uri.UnescapeDataString(path);
            if (decoded == path)
            {
                break;
            }

            path = decoded;
            readings.Add(Resolve(path));
        }

        var last = readings[^1];
        readings.RemoveAll(reading => reading == last);
        others = readings.Count == 0 ? null : [.. readings.Distinct(StringComparer.Ordinal)];
        return last;
    }

    private static string Resolve(string path)
    {
        var segments = new List<string>();
        foreach (var segment in path.Replace('\\', '/').Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (segment == "..")
            {
                if (segments.Count > 0)
                {
                    segments.RemoveAt(segments.Count - 1);
                }
            }
            else if (segment != ".")
            {
                segments.Add(segment);
            }
        }

        var normal = new StringBuilder(path.Length);
        foreach (var segment in segments)
        {
            normal.Append('/').Append(segment);
        }

        if (normal.Length == 0 || path[^1] is '/' or '\\')
        {
            normal.Append('/');
        }

        return normal.ToString();
    }
}
