using System.Reflection;

namespace Mesh.Proxy.Forwarding;

/// <summary>
/// Signs in an exception that an HTTP/2 endpoint did nothing for a request: it refused the stream, or said in a GOAWAY
/// that it will not look at it (RFC 9113, section 8.7). Such a request may be sent again whatever its method.
/// </summary>
internal static class UnprocessedSigns
{
    /// <summary>RFC 9113, section 7.</summary>
    private const long RefusedStream = 7;

    /// <summary>
    /// The HTTP client's own verdict, which it does not show: a GOAWAY looks the same whether the stream was before or after
    /// its last. Null in a runtime that has no such member, and then such requests are not sent again.
    /// </summary>
    private static readonly PropertyInfo? AllowRetry =
        typeof(HttpRequestException).GetProperty("AllowRetry", BindingFlags.Instance | BindingFlags.NonPublic);

    public static bool AreIn(Exception? exception)
    {
        var mayRetry = false;
        for (; exception is not null; exception = exception.InnerException)
        {
            switch (exception)
            {
                case HttpProtocolException { ErrorCode: RefusedStream }:
                case HttpProtocolException when mayRetry:
                    return true;

                // The client sends a request over HTTP/2 again by itself after one of those signs, and finds its body used up.
                case InvalidOperationException { Source: "Yarp.ReverseProxy" }:
                    return true;

                case HttpRequestException:
                    mayRetry |= AllowRetry?.GetValue(exception)?.ToString() == "RetryOnConnectionFailure";
                    break;
            }
        }

        return false;
    }
}
