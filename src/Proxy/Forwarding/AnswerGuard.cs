using System.Net.Http.Headers;

namespace Mesh.Proxy.Forwarding;

/// <summary>Refuses answers over HTTP/1.1 of which nobody can say where they end (RFC 9112, section 6.3).</summary>
internal static class AnswerGuard
{
    /// <exception cref="InvalidDataException">The answer is not to be trusted.</exception>
    public static void Check(HttpResponseMessage answer)
    {
        if (answer.Version.Major != 1)
        {
            return;
        }

        var hasLength = answer.Content.Headers.NonValidated.TryGetValues("Content-Length", out var lengths);
        if (hasLength && (lengths.Count != 1 || lengths.ToString().AsSpan() is "" || lengths.ToString().AsSpan().ContainsAnyExceptInRange('0', '9')))
        {
            throw new InvalidDataException($"the answer's Content-Length '{lengths}' is not one number");
        }

        if (answer.Headers.NonValidated.TryGetValues("Transfer-Encoding", out var codings))
        {
            Check(codings, hasLength);
        }
    }

    private static void Check(HeaderStringValues codings, bool hasLength)
    {
        if (codings.Count != 1 || !string.Equals(codings.ToString(), "chunked", StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidDataException($"the answer's Transfer-Encoding '{codings}' is not exactly 'chunked'");
        }

        if (hasLength)
        {
            throw new InvalidDataException("the answer has both a Content-Length and a Transfer-Encoding");
        }
    }
}
