using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Routing;

namespace Mesh.Proxy.Access.External;

/// <summary>Makes the question about a request: its end-to-end headers, and where it wants to go.</summary>
internal static class ExternalQuestion
{
    public static HttpRequestMessage Create(Uri url, HttpContext context, string? callerCertificate)
    {
        var request = context.Request;
        var question = new HttpRequestMessage(HttpMethod.Get, url);
        foreach (var (name, values) in request.Headers)
        {
            if (!IsLeftOut(name))
            {
                // Headers of a body are refused by the message, which has none.
                question.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        Set(question, "x-forwarded-method", RequestFacts.MethodOf(request));
        Set(question, "x-forwarded-proto", request.Scheme);
        Set(question, "x-forwarded-host", request.Host.Value);
        Set(question, "x-forwarded-uri", RequestTarget.PathAndQuery(context));
        Set(question, "x-forwarded-for", context.Connection.RemoteIpAddress?.ToString());
        Set(question, InboundGuard.Header, callerCertificate);
        return question;
    }

    /// <summary>Belongs to one connection or to the framing of one message, whichever way it goes.</summary>
    public static bool IsOfConnection(string name) =>
        Is(name, "connection") || Is(name, "keep-alive") || Is(name, "proxy-connection") || Is(name, "te") || Is(name, "trailer")
        || Is(name, "transfer-encoding") || Is(name, "upgrade") || Is(name, "proxy-authenticate") || Is(name, "proxy-authorization")
        || Is(name, "host") || Is(name, "content-length") || Is(name, "http2-settings");

    private static bool IsLeftOut(string name) =>
        name.StartsWith(':') || IsOfConnection(name) || Is(name, "expect") || Is(name, InboundGuard.Header)
        || Is(name, "x-forwarded-method") || Is(name, "x-forwarded-proto") || Is(name, "x-forwarded-host")
        || Is(name, "x-forwarded-uri") || Is(name, "x-forwarded-for");

    private static void Set(HttpRequestMessage question, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            question.Headers.TryAddWithoutValidation(name, value);
        }
    }

    private static bool Is(string value, string name) => string.Equals(value, name, StringComparison.OrdinalIgnoreCase);
}
