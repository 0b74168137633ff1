using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Mesh.Abstractions.Naming;

/// <summary>
/// Reads absolute URIs (RFC 3986) of anybody. <see cref="Uri.TryCreate(string, UriKind, out Uri)"/> takes invisible marks
/// of text direction out of a host, so that what is shown is not what is called, and throws when nothing is left of it.
/// </summary>
public static class AbsoluteUri
{
    private static readonly SearchValues<char> DirectionMarks = SearchValues.Create("\u200E\u200F\u202A\u202B\u202C\u202D\u202E");

    /// <summary>Never throws.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Uri? uri)
    {
        uri = null;
#pragma warning disable RS0030 // This is what others use instead.
        return text is not null && !text.AsSpan().ContainsAny(DirectionMarks) && Uri.TryCreate(text, UriKind.Absolute, out uri);
#pragma warning restore RS0030
    }
}
