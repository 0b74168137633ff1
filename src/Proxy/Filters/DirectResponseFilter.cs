using System.Text;
using Mesh.Abstractions.Routing;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Resilience;

namespace Mesh.Proxy.Filters;

/// <summary>A compiled <see cref="DirectResponse"/>. gRPC callers get the status that gRPC maps it to, with the body as message.</summary>
internal sealed class DirectResponseFilter
{
    private readonly int _status;
    private readonly string _text;
    private readonly byte[] _body;
    private readonly string _contentType;

    /// <exception cref="ArgumentException">The status is none.</exception>
    public DirectResponseFilter(DirectResponse response)
    {
        if (response.Status is < 200 or > 599)
        {
            throw new ArgumentException($"{response.Status} is not the status of a fixed response");
        }

        _status = response.Status;
        _text = response.Status is 204 or 205 or 304 ? "" : response.Body ?? "";
        _body = Encoding.UTF8.GetBytes(_text);
        _contentType = response.ContentType;
    }

    public Task AnswerAsync(HttpContext context)
    {
        var response = context.Response;
        if (GrpcStatus.IsCall(context.Request))
        {
            ErrorResponse.WriteGrpc(response, GrpcStatus.FromHttp(_status), _text);
            return Task.CompletedTask;
        }

        response.StatusCode = _status;
        if (_body.Length == 0)
        {
            response.ContentLength = _status is 204 or 304 ? null : 0;
            return Task.CompletedTask;
        }

        response.ContentType = _contentType;
        response.ContentLength = _body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(_body, CancellationToken.None).AsTask();
    }
}
