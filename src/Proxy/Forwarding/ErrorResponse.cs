using System.Globalization;
using System.Text;
using Mesh.Proxy.Resilience;
using Mesh.Proxy.Telemetry;

namespace Mesh.Proxy.Forwarding;

/// <summary>
/// Writes the proxy's own errors: status, <c>mesh-error</c> and one line of text; for callers of gRPC
/// and gRPC-Web a trailers-only answer (gRPC over HTTP/2, "Responses"). A response that has started is cut off instead, so that nobody takes
/// half an answer for a whole one.
/// </summary>
internal static class ErrorResponse
{
    public const string CodeHeader = "mesh-error";

    /// <summary>Counts the error and answers with it.</summary>
    /// <param name="retryAfter">When the caller may try again; null when nobody knows.</param>
    /// <returns>The outcome for <see cref="RequestStats.End"/>.</returns>
    public static async Task<int> FailAsync(
        HttpContext context, ErrorCounters counters, ProxyError error, string message, TimeSpan? retryAfter = null)
    {
        counters.Count(error);
        await WriteAsync(context, error, message, retryAfter);
        return error.Status;
    }

    public static Task WriteAsync(HttpContext context, ProxyError error, string message, TimeSpan? retryAfter = null)
    {
        if (context.Response.HasStarted)
        {
            AbortedRequest.MarkCut(context, error);
            context.Abort();
            return Task.CompletedTask;
        }

        // An exception's message may hold line breaks.
        message = message.ReplaceLineEndings(" ");
        var response = context.Response;
        response.Clear();
        response.Headers[CodeHeader] = error.Code;
        if (retryAfter is { } wait)
        {
            // Whole seconds (RFC 9110, section 10.2.3), rounded up: who comes earlier comes in vain.
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        if (error == ProxyError.BadRequest && !HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            // Where such a request ends is anybody's guess, so nothing after it is taken for another one.
            response.Headers.Connection = "close";
        }

        if (GrpcStatus.IsWebCall(context.Request))
        {
            // Where browsers' clients cannot read trailers, they look for a status among the headers.
            WriteGrpc(response, error.GrpcStatus, $"{error.Code}: {message}");
            response.ContentType = context.Request.ContentType;
            return Task.CompletedTask;
        }

        if (GrpcStatus.IsCall(context.Request))
        {
            WriteGrpc(response, error.GrpcStatus, $"{error.Code}: {message}");
            return Task.CompletedTask;
        }

        var body = Encoding.UTF8.GetBytes($"{error.Code}: {message}\n");
        response.StatusCode = error.Status;
        response.ContentType = "text/plain; charset=utf-8";
        response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(body, CancellationToken.None).AsTask();
    }

    /// <summary>A trailers-only answer.</summary>
    public static void WriteGrpc(HttpResponse response, int grpcStatus, string message)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "application/grpc";
        response.Headers["grpc-status"] = grpcStatus.ToString(CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = EncodeGrpcMessage(message);
    }

    /// <summary>Percent-encodes what gRPC's <c>Status-Message</c> may not carry as it is.</summary>
    private static string EncodeGrpcMessage(string message)
    {
        var encoded = new StringBuilder(message.Length);
        foreach (var unit in Encoding.UTF8.GetBytes(message))
        {
            if (unit is >= 0x20 and <= 0x7E and not (byte)'%')
            {
                encoded.Append((char)unit);
            }
            else
            {
                encoded.Append(CultureInfo.InvariantCulture, $"%{unit:X2}");
            }
        }

        return encoded.ToString();
    }
}
