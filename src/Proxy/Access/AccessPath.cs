using System.Text;

namespace Mesh.Proxy.Access;

/// <summary>
/// Paths as the most lenient application could read them, so that no spelling of a path slips past a rule that names it:
/// percent-decoded, backslashes as slashes, no slash doubled, dot segments removed (RFC 3986, section 5.2.4).
/// </summary>
internal static class AccessPath
{
    /// <summary>Encodings of encodings; an application decodes once, a careless one twice.</summary>
    private const int MaxDecodings = 3;

    /// <param name="path">Decoded by the server, but for slashes.</param>
    public static string Normalize(string path) =>
        path.Length == 0 ? "/"
        : path.AsSpan().IndexOfAny('%', '\\') < 0 && !path.Contains("//", StringComparison.Ordinal) && !path.Contains("/.", StringComparison.Ordinal) ? path
        : Rewrite(path);

    private static string Rewrite(string path)
    {
        for (var i = 0; i < MaxDecodings && path.Contains('%', StringComparison.Ordinal); i++)
        {
            var decoded = Uri.UnescapeDataString(path);
            if (decoded == path)
            {
                break;
            }

            path = decoded;
        }

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
