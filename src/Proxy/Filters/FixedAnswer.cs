using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Resilience;

namespace Mesh.Proxy.Filters;

/// <summary>Writes an answer that is known beforehand.</summary>
internal static class FixedAnswer
{
    /// <summary>Statuses whose answers have no body (RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5).</summary>
    public static bool IsWithoutBody(int status) => status is 204 or 205 or 304;

    /// <param name="body">Empty for none.</param>
    /// <param name="grpcStatus">What gRPC callers get in place of the status.</param>
    /// <param name="message">What gRPC callers get in place of the body.</param>
    public static Task WriteAsync(HttpContext context, int status, string contentType, byte[] body, int grpcStatus, string message)
    {
        var response = context.Response;
        if (GrpcStatus.IsCall(context.Request))
        {
            ErrorResponse.WriteGrpc(response, grpcStatus, message);
            return Task.CompletedTask;
        }

        response.StatusCode = status;
        if (IsWithoutBody(status))
        {
            return Task.CompletedTask;
        }

        response.ContentLength = body.Length;
        if (body.Length == 0)
        {
            return Task.CompletedTask;
        }

        response.ContentType = contentType;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(body, CancellationToken.None).AsTask();
    }
}
