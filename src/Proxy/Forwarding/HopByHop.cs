using Mesh.Abstractions.Validation;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Mesh.Proxy.Forwarding;

/// <summary>
/// Headers that a message's <c>Connection</c> says are for the next hop only (RFC 9110, section 7.6.1). The forwarder
/// itself removes only those that always are.
/// </summary>
/// <remarks>
/// Kestrel shortens a request's <c>Connection</c> to <c>close</c>, <c>keep-alive</c> or <c>upgrade</c> when it has one of
/// these words, whatever stands beside it; headers named there cannot be told from others and pass.
/// </remarks>
internal static class HopByHop
{
    /// <summary>From a request before anything is added to it: a sender must not be able to name that.</summary>
    public static void Remove(IHeaderDictionary headers)
    {
        var connection = headers.Connection;
        if (IsUsual(connection))
        {
            return;
        }

        foreach (var name in NamesIn(connection))
        {
            headers.Remove(name);
        }

        headers.Remove(HeaderNames.Connection);
    }

    public static void Remove(HttpResponseMessage answer, IHeaderDictionary headers)
    {
        if (answer.Headers.NonValidated.TryGetValues("Connection", out var connection)
            && new StringValues(connection.ToString()) is var values && !IsUsual(values))
        {
            foreach (var name in NamesIn(values))
            {
                headers.Remove(name);
            }
        }
    }

    /// <summary>Names no header; the values that nearly all messages have.</summary>
    private static bool IsUsual(StringValues connection) => connection.Count == 0
        || (connection.Count == 1 && (Is(connection[0], "close") || Is(connection[0], "keep-alive") || Is(connection[0], "upgrade")));

    /// <summary>
    /// A sender must not name what matters to more than the next hop; the fields that say where a message goes and where it
    /// ends stay whatever it says.
    /// </summary>
    private static IEnumerable<string> NamesIn(StringValues connection) => connection
        .SelectMany(static line => (line ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        .Where(static name => !Is(name, "host") && !Is(name, "content-length") && !Is(name, "content-type") && !Is(name, "via") && HttpToken.IsValid(name));

    private static bool Is(string? value, string name) => string.Equals(value, name, StringComparison.OrdinalIgnoreCase);
}
